-- What several processes that share the database must know of each other. Only added to what was there.

CREATE TABLE tamer_compatible (oldest bigint NOT NULL); -- the lowest version whose program can work on these tables
INSERT INTO tamer_compatible (oldest) VALUES (0);

-- Processes that run work. One whose time is over is taken for dead, and may not go on under its name.
CREATE TABLE replicas (
    id         text   NOT NULL PRIMARY KEY,
    expires_at bigint NOT NULL -- Unix milliseconds, by the database's clock
);

-- What is to be done once in a while, by whichever process comes first.
CREATE TABLE periodic (
    name   text   NOT NULL PRIMARY KEY,
    due_at bigint NOT NULL -- Unix milliseconds, by the database's clock
);

-- Until when GitHub wants no calls; installation 0 is the app itself.
CREATE TABLE limits (
    installation bigint NOT NULL PRIMARY KEY,
    closed_until bigint NOT NULL -- Unix milliseconds
);

-- When a key was last asked for or worked on, in Unix seconds: what is long untouched is forgotten.
ALTER TABLE keys ADD COLUMN touched_at bigint NOT NULL DEFAULT 0;

-- Of a key that was set aside after its last attempt: what the log calls that attempt. Empty for all others.
ALTER TABLE keys ADD COLUMN aside text NOT NULL DEFAULT '';
