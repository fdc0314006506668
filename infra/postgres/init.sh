#!/bin/sh
# Run once by the Postgres image, when it makes its data directory: the application's roles with their passwords, the
# extensions of its database, and a database of its own for the schema registry. Tables are made later, by
# prepare-stores, as switchboard_migrate: nothing outside this container needs the superuser.
set -eu

psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
  --file /switchboard/roles.sql --file /switchboard/database.sql --file - <<'SQL'
\getenv migrate POSTGRES_MIGRATE_PASSWORD
\getenv ingest POSTGRES_INGEST_PASSWORD
\getenv enrich POSTGRES_ENRICH_PASSWORD
\getenv sink POSTGRES_SINK_PASSWORD
\getenv api POSTGRES_API_PASSWORD
\getenv registry POSTGRES_REGISTRY_PASSWORD
ALTER ROLE switchboard_migrate PASSWORD :'migrate';
ALTER ROLE switchboard_ingest PASSWORD :'ingest';
ALTER ROLE switchboard_enrich PASSWORD :'enrich';
ALTER ROLE switchboard_sink PASSWORD :'sink';
ALTER ROLE switchboard_api PASSWORD :'api';
CREATE ROLE registry LOGIN PASSWORD :'registry';
CREATE DATABASE registry OWNER registry;
SQL
