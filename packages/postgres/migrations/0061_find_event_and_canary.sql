-- Up Migration
-- What became of an event, for whoever looks for it by its id: that names no clinic. Ids, codes and times alone.
CREATE FUNCTION find_event(wanted uuid[]) RETURNS jsonb
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT jsonb_build_object(
    'taken', (SELECT coalesce(jsonb_agg(jsonb_build_object('tenant_id', i.tenant_id, 'event_id', i.event_id, 'at', i.created_at)
        ORDER BY i.created_at), '[]')
      FROM tenants t CROSS JOIN LATERAL (SELECT i.tenant_id, i.event_id, i.created_at FROM inbox i
        WHERE i.tenant_id = t.id AND i.event_id = ANY (wanted)) i),
    'dead_letters', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', d.id, 'tenant_id', d.tenant_id, 'stage', d.stage,
        'reason', d.reason, 'detail', d.detail, 'attempts', d.attempts, 'state', d.state, 'last_at', d.last_at) ORDER BY d.last_at), '[]')
      FROM dead_letters d WHERE d.event_id = ANY (wanted)),
    'outbox', (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', o.kind, 'entity_id', o.line::jsonb ->> 'entity_id',
        'sign', o.sign, 'at', o.created_at) ORDER BY o.id), '[]')
      FROM outbox o WHERE o.event_id = ANY (wanted)))
$$;
REVOKE ALL ON FUNCTION find_event(uuid[]) FROM PUBLIC;
ALTER FUNCTION find_event(uuid[]) OWNER TO switchboard_definer;
GRANT SELECT ON inbox TO switchboard_definer;
GRANT EXECUTE ON FUNCTION find_event(uuid[]) TO switchboard_sink;

-- The clinic whose only calls are those that measure how long an event takes: its numbers are nobody's. Its secret is made
-- anew by whoever starts, out of the installation's own key; the tables of clinics are closed to the jobs.
CREATE FUNCTION ensure_canary(p_tenant uuid, p_sealed bytea) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO tenants (id, slug, name, time_zone, country, webhook_modes)
  VALUES (p_tenant, 'switchboard-canary', 'Canary', 'Etc/UTC', 'IN', '{standard}') ON CONFLICT (id) DO NOTHING;
  INSERT INTO tenant_webhook_secrets AS s (tenant_id, id, kind, sealed) VALUES (p_tenant, p_tenant, 'voice', p_sealed)
  ON CONFLICT (tenant_id, id) DO UPDATE SET sealed = excluded.sealed;
END $$;
REVOKE ALL ON FUNCTION ensure_canary(uuid, bytea) FROM PUBLIC;
ALTER FUNCTION ensure_canary(uuid, bytea) OWNER TO switchboard_definer;
GRANT SELECT, INSERT ON tenants TO switchboard_definer;
GRANT SELECT, INSERT, UPDATE ON tenant_webhook_secrets TO switchboard_definer;
GRANT EXECUTE ON FUNCTION ensure_canary(uuid, bytea) TO switchboard_sink;

-- Whose facts the next move will find, in the order in which it takes them: only for spans, and only while they are made.
CREATE FUNCTION outbox_traces(p_shard smallint, p_limit int) RETURNS TABLE (event_id uuid, tenant_id uuid, traceparent text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT DISTINCT w.event_id, w.tenant_id, w.traceparent FROM (
    SELECT o.event_id, o.tenant_id, o.traceparent FROM outbox o
    WHERE o.shard = p_shard AND o.xid >= (SELECT s.drain_xmin FROM block_shards s WHERE s.shard = p_shard)
    ORDER BY o.xid, o.id LIMIT p_limit) w
  WHERE w.traceparent IS NOT NULL
$$;
REVOKE ALL ON FUNCTION outbox_traces(smallint, int) FROM PUBLIC;
ALTER FUNCTION outbox_traces(smallint, int) OWNER TO switchboard_definer;
GRANT EXECUTE ON FUNCTION outbox_traces(smallint, int) TO switchboard_sink;
