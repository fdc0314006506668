-- Up Migration
-- Ingest checks a key before it can trust any word about whose request it is, and must go on while Postgres is away: it
-- holds the hashes of all keys that are good now.
CREATE OR REPLACE FUNCTION ingest_api_keys() RETURNS TABLE (tenant_id uuid, api_keys jsonb)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT k.tenant_id, jsonb_agg(jsonb_build_object(
    'key_id', k.key_id, 'secret_hash', encode(k.secret_hash, 'base64'), 'scopes', k.scopes, 'not_after', k.expires_at))
  FROM api_keys k
  WHERE k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
  GROUP BY k.tenant_id
$$;
REVOKE ALL ON FUNCTION ingest_api_keys() FROM PUBLIC;
ALTER FUNCTION ingest_api_keys() OWNER TO switchboard_definer;
GRANT EXECUTE ON FUNCTION ingest_api_keys() TO switchboard_ingest;
