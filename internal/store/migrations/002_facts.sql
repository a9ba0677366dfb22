-- What was found out about contents, so that they need not be read again. Any row may be lost.
CREATE TABLE facts (
    installation bigint NOT NULL,
    repository   bigint NOT NULL,
    key          bytea  NOT NULL, -- a digest of all that the value rests on
    value        bytea  NOT NULL,
    used_at      bigint NOT NULL, -- Unix seconds, a day behind at most
    PRIMARY KEY (installation, repository, key)
);
