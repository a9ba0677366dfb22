-- How many processes in a row have died while they worked on a key.
ALTER TABLE keys ADD COLUMN killed bigint NOT NULL DEFAULT 0;
