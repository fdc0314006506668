-- Up Migration
-- What a clinic may use, where it is not what the settings say for all; and the operator's command leaves a trace.
SET LOCAL lock_timeout = '3s';

ALTER TABLE tenants
  ADD COLUMN quota_events_per_minute int CHECK (quota_events_per_minute > 0),
  ADD COLUMN quota_records_per_minute int CHECK (quota_records_per_minute > 0),
  ADD COLUMN quota_requests_per_minute int CHECK (quota_requests_per_minute > 0);
COMMENT ON COLUMN tenants.quota_events_per_minute IS 'Webhooks of calls, and as many of messages; null: INGEST_TENANT_LIMIT_PER_MINUTE.';
COMMENT ON COLUMN tenants.quota_records_per_minute IS 'Events of the clinic''s system; null: INGEST_TENANT_LIMIT_PER_MINUTE.';
COMMENT ON COLUMN tenants.quota_requests_per_minute IS 'Requests to the API; null: API_TENANT_LIMIT_PER_MINUTE.';

-- Ingest and the API count before they work for any one clinic.
CREATE FUNCTION tenant_quotas() RETURNS TABLE (tenant_id uuid, events int, records int, requests int)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT id, quota_events_per_minute, quota_records_per_minute, quota_requests_per_minute FROM tenants
$$;
REVOKE ALL ON FUNCTION tenant_quotas() FROM PUBLIC;
ALTER FUNCTION tenant_quotas() OWNER TO switchboard_definer;
GRANT EXECUTE ON FUNCTION tenant_quotas() TO switchboard_ingest, switchboard_api;

GRANT INSERT ON audit_log TO switchboard_sink;
