-- What one process at a time may do, such as write to the one comment of a pull request. Only added to what was there.

CREATE TABLE turns (
    name       text   NOT NULL PRIMARY KEY,
    replica    text   NOT NULL, -- who has it
    expires_at bigint NOT NULL  -- Unix milliseconds, by the database's clock
);
