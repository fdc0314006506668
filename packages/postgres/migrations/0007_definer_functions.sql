-- Up Migration
-- The short list of ways past row-level security. Each is owned by switchboard_definer, which nobody logs in as,
-- and each says why it must be. pg_temp stands last in their search_path, so that no temporary table takes a table's place.

-- Ingest checks a signature before it can trust any word about whose request it is.
CREATE FUNCTION ingest_tenants()
  RETURNS TABLE (tenant_id uuid, slug text, status text, webhook_modes text[], secrets jsonb, country text, time_zone text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT t.id, t.slug, t.status, t.webhook_modes,
    coalesce((SELECT jsonb_agg(jsonb_build_object('id', s.id, 'sealed', encode(s.sealed, 'base64'), 'not_after', s.not_after))
              FROM tenant_webhook_secrets s WHERE s.tenant_id = t.id AND s.kind = 'voice'), '[]'),
    t.country, t.time_zone
  FROM tenants t
$$;

-- A login names a mail address, not a clinic.
CREATE FUNCTION login_lookup(wanted_email text)
  RETURNS TABLE (tenant_id uuid, user_id uuid, display_name text, role text, password_hash text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT u.tenant_id, u.id, u.display_name, u.role, u.password_hash
  FROM users u JOIN tenants t ON t.id = u.tenant_id
  WHERE u.email = lower(wanted_email) AND u.status = 'active' AND t.status = 'active'
$$;

-- A session cookie carries a secret, not a clinic.
CREATE FUNCTION session_lookup(wanted_hash bytea)
  RETURNS TABLE (tenant_id uuid, user_id uuid, email text, display_name text, role text, expires_at timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT s.tenant_id, u.id, u.email, u.display_name, u.role, s.expires_at
  FROM sessions s
  JOIN users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id AND u.status = 'active'
  JOIN tenants t ON t.id = s.tenant_id AND t.status = 'active'
  WHERE s.token_hash = wanted_hash AND s.expires_at > now()
$$;

-- An API key carries its own id, not a clinic.
CREATE FUNCTION api_key_lookup(wanted_key_id text)
  RETURNS TABLE (tenant_id uuid, id uuid, name text, secret_hash bytea, scopes text[])
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT k.tenant_id, k.id, k.name, k.secret_hash, k.scopes
  FROM api_keys k JOIN tenants t ON t.id = k.tenant_id AND t.status = 'active'
  WHERE k.key_id = wanted_key_id AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
$$;

-- Full-text operators are not leakproof, so that the planner may not use their index under row-level security. The
-- tenant is the transaction's own.
CREATE FUNCTION search_calls(words text, most int DEFAULT 10000) RETURNS TABLE (call_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT DISTINCT t.call_id
  FROM voice_call_transcripts t
  WHERE t.tenant_id = current_tenant()
    AND to_tsvector('simple', left(t.text, 20000)) @@ websearch_to_tsquery('simple', words)
  LIMIT most
$$;

-- A dead letter may name no tenant, which no policy can match.
CREATE FUNCTION store_dead_letter(letter jsonb, sealed_bytes bytea) RETURNS void
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO dead_letters AS d (id, tenant_id, stage, reason, detail, source, topic, event_id, call_id, message_key, schema_id,
    content_type, sealed, attempts, first_at, last_at)
  SELECT l.id, l.tenant_id, l.stage, l.reason, l.detail, l.source, l.topic, l.event_id, l.call_id, l.message_key, l.schema_id,
    l.content_type, sealed_bytes, l.attempts, l.first_at, l.last_at
  FROM jsonb_to_record(letter) AS l (id uuid, tenant_id uuid, stage text, reason text, detail text, source text, topic text,
    event_id uuid, call_id text, message_key text, schema_id int, content_type text, attempts int, first_at timestamptz, last_at timestamptz)
  ON CONFLICT (id) DO UPDATE SET
    attempts = greatest(d.attempts, excluded.attempts),
    first_at = least(d.first_at, excluded.first_at),
    last_at = greatest(d.last_at, excluded.last_at),
    state = CASE WHEN d.state = 'replayed' AND excluded.last_at > d.last_at THEN 'open' ELSE d.state END
$$;

-- A batch holds many tenants, and every writer needs its tenants' zones, shards and thresholds at once.
CREATE FUNCTION tenant_settings(wanted uuid[])
  RETURNS TABLE (tenant_id uuid, time_zone text, country text, shard smallint, match_link_threshold real, match_review_threshold real)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT id, t.time_zone, t.country, t.shard, t.match_link_threshold, t.match_review_threshold FROM tenants t WHERE id = ANY (wanted)
$$;

DO $$
DECLARE f regprocedure;
BEGIN
  FOREACH f IN ARRAY ARRAY[
    'ingest_tenants()'::regprocedure, 'login_lookup(text)', 'session_lookup(bytea)', 'api_key_lookup(text)',
    'search_calls(text, int)', 'store_dead_letter(jsonb, bytea)', 'tenant_settings(uuid[])']
  LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
    EXECUTE format('ALTER FUNCTION %s OWNER TO switchboard_definer', f);
  END LOOP;
END $$;

GRANT SELECT ON tenants, tenant_webhook_secrets, users, sessions, api_keys, voice_call_transcripts TO switchboard_definer;
GRANT SELECT, INSERT, UPDATE ON dead_letters TO switchboard_definer;

GRANT EXECUTE ON FUNCTION ingest_tenants() TO switchboard_ingest;
GRANT EXECUTE ON FUNCTION tenant_settings(uuid[]) TO switchboard_enrich, switchboard_sink, switchboard_api;
GRANT EXECUTE ON FUNCTION store_dead_letter(jsonb, bytea) TO switchboard_sink;
GRANT EXECUTE ON FUNCTION login_lookup(text), session_lookup(bytea), api_key_lookup(text), search_calls(text, int) TO switchboard_api;
GRANT EXECUTE ON FUNCTION current_tenant() TO PUBLIC;

GRANT SELECT ON patients, patient_identifiers, practitioners TO switchboard_enrich;

GRANT SELECT, INSERT, UPDATE ON conversations, voice_calls, voice_call_recordings, voice_call_extractions TO switchboard_sink;
GRANT SELECT, INSERT, UPDATE, DELETE ON patients, patient_identifiers, match_decisions, voice_call_transcripts, voice_tool_calls
  TO switchboard_sink;
GRANT SELECT, INSERT ON inbox, outbox TO switchboard_sink;
GRANT SELECT, INSERT, UPDATE ON fact_current TO switchboard_sink;
GRANT SELECT, INSERT, UPDATE, DELETE ON in_flight, in_flight_attempts TO switchboard_sink;

GRANT SELECT ON tenants, locations, departments, practitioners, practitioner_schedules, appointment_types, patients,
  patient_identifiers, match_decisions, conversations, voice_calls, voice_call_transcripts, voice_call_recordings,
  voice_call_extractions, voice_tool_calls, dead_letters TO switchboard_api;
GRANT SELECT, INSERT, DELETE ON sessions TO switchboard_api;
GRANT SELECT, INSERT ON audit_log TO switchboard_api;
