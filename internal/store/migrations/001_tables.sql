-- Everything here can be rebuilt from GitHub, git and the sinks: losing it costs work, never truth.
-- Plain SQL that SQLite and PostgreSQL both read.

CREATE TABLE repositories (
    installation bigint NOT NULL,
    id           bigint NOT NULL, -- GitHub's, which survives renames
    owner        text   NOT NULL,
    name         text   NOT NULL,
    PRIMARY KEY (installation, id)
);

CREATE TABLE deliveries (
    id          text   NOT NULL PRIMARY KEY, -- X-GitHub-Delivery
    event       text   NOT NULL,
    received_at bigint NOT NULL              -- Unix seconds
);

CREATE INDEX deliveries_received_at ON deliveries (received_at);

-- One row per key of work, ever asked for. The counters: an asking raises wanted; a run that started at wanted = n
-- and dealt with the key sets done = n; a person's asking notes in anew the wanted that it made.
CREATE TABLE keys (
    key          text   NOT NULL PRIMARY KEY, -- work.Key.String()
    kind         text   NOT NULL,
    installation bigint NOT NULL,
    repository   bigint NOT NULL,
    number       bigint NOT NULL,
    name         text   NOT NULL,
    wanted       bigint NOT NULL,
    done         bigint NOT NULL,
    anew         bigint NOT NULL,
    failures     bigint NOT NULL,             -- attempts that failed since the last one that did not
    not_before   bigint NOT NULL,             -- Unix milliseconds; an asking does not shorten this wait
    state        text                         -- work.State of the last run that dealt with it
);

CREATE INDEX keys_repository ON keys (installation, repository);
