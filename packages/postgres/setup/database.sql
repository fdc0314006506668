-- Extensions of the application's database and who may use its schema, after roles.sql. A superuser runs this in that
-- database; running it again changes nothing.
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS fuzzystrmatch;
CREATE EXTENSION IF NOT EXISTS pgcrypto;

GRANT ALL ON SCHEMA public TO switchboard_migrate;
GRANT CREATE, USAGE ON SCHEMA public TO switchboard_definer;
GRANT USAGE ON SCHEMA public TO
  switchboard_migrate, switchboard_ingest, switchboard_enrich, switchboard_sink, switchboard_api;
