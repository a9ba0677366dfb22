-- What the PostgreSQL sink keeps. Readers use the views: one statement sees one moment, so never a mix of two releases.
CREATE SCHEMA IF NOT EXISTS "tamer";

-- Every object of the store, by its key, as docs/deploy.md describes them.
CREATE TABLE IF NOT EXISTS "tamer".objects (
	key        text COLLATE "C" PRIMARY KEY,
	body       bytea NOT NULL,
	version    text NOT NULL, -- SHA-256 of the body
	written_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- An object as JSON. PostgreSQL knows no NUL in a text: it is shown as U+FFFD.
CREATE OR REPLACE FUNCTION "tamer".parsed(body bytea) RETURNS json LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT (CASE WHEN position('\u0000' IN t) = 0 THEN t ELSE regexp_replace(t, '(?<!\\)((?:\\\\)*)\\u0000', '\1\\ufffd', 'g') END)::json
FROM convert_from(body, 'UTF8') t
$$;

-- Where each channel stands.
CREATE OR REPLACE VIEW "tamer".channels AS
SELECT o.channel ->> 'channel' AS channel, o.channel ->> 'repository' AS repository, o.channel ->> 'commit' AS commit,
	o.channel ->> 'release' AS release, (o.channel ->> 'generation')::bigint AS generation,
	(o.channel ->> 'updated_at')::timestamptz AS updated_at, o.channel -> 'hold' AS hold
FROM (SELECT "tamer".parsed(body) AS channel FROM "tamer".objects WHERE key >= '.tamer/channels/' AND key < '.tamer/channels0') o;

-- Which bundle of each customer a channel serves; held says why it is not the newest.
CREATE OR REPLACE VIEW "tamer".customers AS
SELECT c.channel, c.commit, c.generation, e.key AS customer, e.value ->> 'bundle' AS bundle, e.value -> 'held' AS held
FROM "tamer".channels c
JOIN "tamer".objects r ON r.key = '.tamer/releases/' || c.release || '.json'
CROSS JOIN LATERAL json_each("tamer".parsed(r.body) -> 'customers') e;

-- Every config that a channel serves. value is null where the file has several documents, which are in documents then.
CREATE OR REPLACE VIEW "tamer".configs AS
SELECT c.channel, c.commit, c.generation, c.customer, e.key AS type, e.value -> 'value' AS value, e.value -> 'documents' AS documents,
	e.value ->> 'path' AS path, e.value ->> 'sha256' AS sha256
FROM "tamer".customers c
JOIN "tamer".objects b ON b.key = '.tamer/bundles/' || c.bundle || '.json'
CROSS JOIN LATERAL json_each("tamer".parsed(b.body) -> 'configs') e;
