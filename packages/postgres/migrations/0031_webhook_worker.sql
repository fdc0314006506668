-- Up Migration
-- What the worker of outgoing webhooks needs besides 0021: two secrets while one is rotated, claims that come back when the
-- claiming process dies, and endpoints that ask for a pause. Nothing has written to these tables yet, so that their indexes
-- are built at once.
SET LOCAL lock_timeout = '3s';

-- What stood in the audit log before rows were noted for sealing; here, so that 0030 holds no writer up meanwhile. Forced row
-- security would hide the rows from the owner.
SET LOCAL ROLE switchboard_definer;
INSERT INTO audit_unsealed (tenant_id, id) SELECT a.tenant_id, a.id FROM audit_log a ON CONFLICT DO NOTHING;
SET LOCAL ROLE switchboard_migrate;

ALTER TABLE webhook_endpoints
  ADD COLUMN patient_names boolean NOT NULL DEFAULT false,
  ADD COLUMN previous_sealed_secret bytea,
  ADD COLUMN previous_secret_until timestamptz,
  ADD COLUMN not_before timestamptz;
COMMENT ON COLUMN webhook_endpoints.patient_names IS 'Whether bodies hold the patient''s first and last name. Without it they hold ids alone.';
COMMENT ON COLUMN webhook_endpoints.previous_secret_until IS 'Until then both secrets sign.';
COMMENT ON COLUMN webhook_endpoints.not_before IS 'It asked for a pause (Retry-After).';

ALTER TABLE webhook_deliveries
  ADD COLUMN claim uuid,
  ADD COLUMN last_error text CHECK (last_error IN ('timeout', 'not_resolved', 'address_refused', 'not_connected', 'tls_failed'));
COMMENT ON COLUMN webhook_deliveries.claim IS 'Of the attempt under way; next_attempt_at is when it is given up for dead.';
COMMENT ON COLUMN webhook_deliveries.last_error IS 'Why the last attempt got no answer.';

-- The old one has what was said to one receiver found only by reading what was said to all.
DROP INDEX webhook_deliveries_due;
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (tenant_id, endpoint_id, next_attempt_at, id)
  WHERE state = 'pending';
COMMENT ON INDEX webhook_deliveries_due IS 'What an endpoint is to be told now.';
CREATE INDEX webhook_deliveries_endpoint ON webhook_deliveries (tenant_id, endpoint_id, created_at DESC, id DESC);
COMMENT ON INDEX webhook_deliveries_endpoint IS 'What an endpoint was told, newest first; removal of what is old.';

-- The api may write a secret and never read one, so that it can't move one to another column itself.
CREATE FUNCTION keep_previous_secret() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.previous_sealed_secret := OLD.sealed_secret;
  RETURN NEW;
END $$;
CREATE TRIGGER webhook_endpoints_previous_secret BEFORE UPDATE OF sealed_secret ON webhook_endpoints
  FOR EACH ROW EXECUTE FUNCTION keep_previous_secret();

-- The worker serves all clinics, and forced row security would blind it. Only ids leave; the rest is read clinic by clinic.
CREATE FUNCTION due_webhook_endpoints() RETURNS TABLE (tenant_id uuid, endpoint_id uuid, failing boolean)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT e.tenant_id, e.id, e.failing_since IS NOT NULL FROM webhook_endpoints e JOIN tenants t ON t.id = e.tenant_id
  WHERE t.status = 'active' AND e.paused_at IS NULL AND (e.not_before IS NULL OR e.not_before <= now())
    AND EXISTS (SELECT FROM webhook_deliveries d WHERE d.tenant_id = e.tenant_id AND d.endpoint_id = e.id
      AND d.state = 'pending' AND d.next_attempt_at <= now())
$$;

-- Clinics with holds that are over or deliveries that are old, for the same reason.
CREATE FUNCTION tenants_to_tidy(p_holds_before timestamptz, p_deliveries_before timestamptz) RETURNS TABLE (tenant_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT t.id FROM tenants t
  WHERE EXISTS (SELECT FROM appointments a
      WHERE a.tenant_id = t.id AND a.status = 'held' AND a.hold_expires_at < p_holds_before)
    OR EXISTS (SELECT FROM webhook_endpoints e JOIN webhook_deliveries d ON d.tenant_id = e.tenant_id AND d.endpoint_id = e.id
      WHERE e.tenant_id = t.id AND d.created_at < p_deliveries_before)
$$;

DO $$
DECLARE f regprocedure;
BEGIN
  FOREACH f IN ARRAY ARRAY['due_webhook_endpoints()'::regprocedure, 'tenants_to_tidy(timestamptz, timestamptz)'] LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
    EXECUTE format('ALTER FUNCTION %s OWNER TO switchboard_definer', f);
  END LOOP;
END $$;

GRANT SELECT ON webhook_endpoints, webhook_deliveries, appointments TO switchboard_definer;
GRANT EXECUTE ON FUNCTION due_webhook_endpoints(), tenants_to_tidy(timestamptz, timestamptz) TO switchboard_sink;
GRANT UPDATE (not_before) ON webhook_endpoints TO switchboard_sink;

GRANT SELECT (patient_names, previous_secret_until, not_before) ON webhook_endpoints TO switchboard_api;
GRANT INSERT (tenant_id, id, url, sealed_secret, event_types, patient_names) ON webhook_endpoints TO switchboard_api;
GRANT UPDATE (url, event_types, patient_names, sealed_secret, previous_secret_until, paused_at, paused_reason, failing_since, not_before)
  ON webhook_endpoints TO switchboard_api;
GRANT DELETE ON webhook_endpoints TO switchboard_api;
GRANT UPDATE (state, attempts, next_attempt_at) ON webhook_deliveries TO switchboard_api;
