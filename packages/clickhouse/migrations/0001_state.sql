-- What this database knows about itself, once per database.

-- Every epoch that was ever begun here, with an identity made at that moment: Postgres remembers the identity, so an
-- empty or restored ClickHouse is recognised before anything is inserted into it. `shape` is a fingerprint of the
-- tables; tables of another shape are left behind by a rebuild, never altered in place.
CREATE TABLE IF NOT EXISTS switchboard_epochs
(
    epoch UInt32,
    identity UUID,
    shape String,
    created_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = {{replicated}}MergeTree
ORDER BY epoch;

-- The Memory engine forgets when the server ends. Whoever finds this table empty knows that the server was started
-- since the last check, and that the parts it renamed or logged last may be gone: it verifies, then writes a row.
-- Where the database is replicated each replica has rows of its own, and TRUNCATE forgets those of all: whoever goes on
-- with another replica verifies that one.
-- A row of the year 1970 says that somebody may have inserted a block twice: then too, everything is verified.
CREATE TABLE IF NOT EXISTS switchboard_since_start
(
    verified_at DateTime64(3, 'UTC')
)
ENGINE = Memory;
