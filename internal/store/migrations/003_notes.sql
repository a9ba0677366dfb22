-- One text of each name for a repository, that took long to find out. Any row may be lost.
CREATE TABLE notes (
    installation bigint NOT NULL,
    repository   bigint NOT NULL,
    name         text   NOT NULL,
    value        bytea  NOT NULL,
    PRIMARY KEY (installation, repository, name)
);
