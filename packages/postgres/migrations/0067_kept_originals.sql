-- Up Migration
-- Originals of dead letters that were put back or given up go after a while, their rows stay; and all that is sealed with the
-- services' key can be sealed anew.

-- As in 0057. What comes again after its original was removed brings it back: it has failed once more.
CREATE OR REPLACE FUNCTION store_dead_letter(letter jsonb, sealed_bytes bytea) RETURNS void
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO dead_letters AS d (id, tenant_id, stage, reason, detail, source, topic, event_id, call_id, message_key, schema_id,
    content_type, sealed, attempts, first_at, last_at, replay_id, people)
  SELECT l.id, l.tenant_id, l.stage, l.reason, l.detail, l.source, l.topic, l.event_id, l.call_id, l.message_key, l.schema_id,
    l.content_type, sealed_bytes, l.attempts, l.first_at, l.last_at, l.replay_id, coalesce(l.people, '{}')
  FROM jsonb_to_record(letter) AS l (id uuid, tenant_id uuid, stage text, reason text, detail text, source text, topic text,
    event_id uuid, call_id text, message_key text, schema_id int, content_type text, attempts int, first_at timestamptz,
    last_at timestamptz, replay_id uuid, people uuid[])
  ON CONFLICT (id) DO UPDATE SET
    (state, reason, detail, attempts, sealed) = (
      SELECT CASE WHEN n.replay_failed OR n.failed_anew THEN 'open' ELSE d.state END,
        CASE WHEN n.replay_failed THEN excluded.reason ELSE d.reason END,
        CASE WHEN n.replay_failed THEN excluded.detail ELSE d.detail END,
        CASE WHEN n.replay_failed THEN d.attempts + 1 ELSE greatest(d.attempts, excluded.attempts) END,
        CASE WHEN octet_length(d.sealed) = 0 AND (n.replay_failed OR n.failed_anew) THEN excluded.sealed ELSE d.sealed END
      FROM (SELECT
        d.state IN ('replaying', 'replayed') AND excluded.replay_id IS NOT NULL AND excluded.replay_id = d.replay_id AS replay_failed,
        d.state = 'replayed' AND excluded.replay_id IS NULL AND excluded.last_at > d.last_at AS failed_anew) AS n),
    first_at = least(d.first_at, excluded.first_at),
    last_at = greatest(d.last_at, excluded.last_at)
$$;

-- Forced row security would blind the job that serves all clinics, and some letters name a clinic that is none.
CREATE FUNCTION tenants_with_old_originals(p_before timestamptz) RETURNS TABLE (tenant_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT DISTINCT d.tenant_id FROM dead_letters d
  WHERE d.state IN ('replayed', 'discarded') AND octet_length(d.sealed) > 0
    AND greatest(d.replayed_at, d.discarded_at) < p_before
$$;

-- All other secrets of clinics that SECRETS_KEY seals, for the operator's command, which works for all clinics.
CREATE FUNCTION sealed_secrets() RETURNS TABLE (tenant_id uuid, place text, id uuid, sealed bytea)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT s.tenant_id, 'webhook_secret', s.id, s.sealed FROM tenant_webhook_secrets s
  UNION ALL SELECT e.tenant_id, 'endpoint', e.id, e.sealed_secret FROM webhook_endpoints e
  UNION ALL SELECT e.tenant_id, 'previous_of_endpoint', e.id, e.previous_sealed_secret FROM webhook_endpoints e
    WHERE e.previous_sealed_secret IS NOT NULL
$$;

-- Only what is still what was read: somebody may have changed it meanwhile. A secret sealed anew is no new secret, so the one
-- before it stays what it was, which a trigger of the table would not know.
CREATE FUNCTION reseal_secret(p_tenant uuid, p_place text, p_id uuid, p_old bytea, p_new bytea) RETURNS boolean
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_previous bytea;
BEGIN
  IF p_place = 'webhook_secret' THEN
    UPDATE tenant_webhook_secrets SET sealed = p_new WHERE tenant_id = p_tenant AND id = p_id AND sealed = p_old;
  ELSIF p_place = 'previous_of_endpoint' THEN
    UPDATE webhook_endpoints SET previous_sealed_secret = p_new
    WHERE tenant_id = p_tenant AND id = p_id AND previous_sealed_secret = p_old;
  ELSE
    SELECT previous_sealed_secret INTO v_previous FROM webhook_endpoints
    WHERE tenant_id = p_tenant AND id = p_id AND sealed_secret = p_old FOR UPDATE;
    IF NOT FOUND THEN RETURN false; END IF;
    UPDATE webhook_endpoints SET sealed_secret = p_new WHERE tenant_id = p_tenant AND id = p_id;
    UPDATE webhook_endpoints SET previous_sealed_secret = v_previous WHERE tenant_id = p_tenant AND id = p_id;
  END IF;
  RETURN FOUND;
END $$;

DO $$
DECLARE f regprocedure;
BEGIN
  FOREACH f IN ARRAY ARRAY['tenants_with_old_originals(timestamptz)'::regprocedure, 'sealed_secrets()',
    'reseal_secret(uuid, text, uuid, bytea, bytea)']
  LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
    EXECUTE format('ALTER FUNCTION %s OWNER TO switchboard_definer', f);
  END LOOP;
END $$;

GRANT SELECT, UPDATE ON tenant_webhook_secrets, webhook_endpoints TO switchboard_definer;
GRANT EXECUTE ON FUNCTION tenants_with_old_originals(timestamptz), sealed_secrets(),
  reseal_secret(uuid, text, uuid, bytea, bytea) TO switchboard_sink;
