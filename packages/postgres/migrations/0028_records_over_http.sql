-- Up Migration
-- What the API needs to answer for records and to let staff decide: search, merges that can be undone row by row, reviews,
-- users, keys and settings.
SET LOCAL lock_timeout = '3s';

-- First, as writers lock it first.
ALTER TABLE tenants ADD COLUMN settings_version int NOT NULL DEFAULT 1;
COMMENT ON COLUMN tenants.settings_version IS 'Raised by each change of the settings, so that nobody overwrites what another has just changed.';

ALTER TABLE patient_merges ADD COLUMN marked_ids uuid[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN patient_merges.marked_ids IS 'Records that had no original_patient_id before this merge gave them one: the unmerge takes it back.';

ALTER TABLE match_decisions DROP CONSTRAINT match_decisions_decision_check;
ALTER TABLE match_decisions ADD CONSTRAINT match_decisions_decision_check
  CHECK (decision IN ('link', 'new', 'review', 'none')) NOT VALID;
COMMENT ON COLUMN match_decisions.decision IS 'none: a person said that it is none of the candidates, and nobody new.';

-- Calls whose match was left to a person before reviews were kept. Forced row-level security binds the owner too, who works
-- for no tenant here.
ALTER TABLE match_decisions NO FORCE ROW LEVEL SECURITY;
ALTER TABLE match_reviews NO FORCE ROW LEVEL SECURITY;
INSERT INTO match_reviews (tenant_id, id, entity_kind, entity_id, candidates, created_at)
SELECT d.tenant_id, gen_random_uuid(), d.entity_kind, d.entity_id,
  coalesce((SELECT jsonb_agg(jsonb_build_object('patient_id', c.key, 'score', c.value, 'breakdown', '{}'::jsonb) ORDER BY c.value DESC, c.key)
            FROM jsonb_each(d.breakdown) c), '[]'), d.created_at
FROM match_decisions d
WHERE d.decision = 'review' AND NOT EXISTS (
  SELECT FROM match_reviews r WHERE r.tenant_id = d.tenant_id AND r.entity_kind = d.entity_kind AND r.entity_id = d.entity_id);
ALTER TABLE match_decisions FORCE ROW LEVEL SECURITY;
ALTER TABLE match_reviews FORCE ROW LEVEL SECURITY;

-- Who asks what changed since an instant must miss nothing: an appointment's updated_at is when it was really written, never
-- when its transaction began, and it is written under the tenant's lock, exclusive as lockTenant takes it or at least shared.
-- So whoever takes that lock knows that all that was written before is committed. The trigger is made in 0029.
CREATE FUNCTION mark_appointment_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtextextended(NEW.tenant_id::text, 0));
  NEW.updated_at := clock_timestamp();
  RETURN NEW;
END $$;

-- LIKE is not leakproof, so that the planner may not use its index under row-level security. The tenant is the transaction's
-- own. A patient that was merged is found as the one it was merged into. GIN can't look for all of several patterns: the
-- longest is looked for, the others are compared.
CREATE FUNCTION search_patients_by_name(patterns text[], most int DEFAULT 10000) RETURNS TABLE (patient_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT DISTINCT coalesce(p.merged_into, p.id)
  FROM patients p
  WHERE p.tenant_id = current_tenant()
    AND (coalesce(p.first_name, '') || ' ' || coalesce(p.last_name, ''))
      ILIKE (SELECT l FROM unnest(patterns) AS l ORDER BY length(l) DESC LIMIT 1)
    AND (coalesce(p.first_name, '') || ' ' || coalesce(p.last_name, '')) ILIKE ALL (patterns)
  LIMIT most
$$;
CREATE FUNCTION search_patients_by_phone(patterns text[], most int DEFAULT 10000) RETURNS TABLE (patient_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT DISTINCT coalesce(p.merged_into, p.id)
  FROM patient_identifiers i
  JOIN patients p ON p.tenant_id = i.tenant_id AND p.id = i.patient_id
  WHERE i.tenant_id = current_tenant() AND i.kind = 'phone' AND i.value LIKE ANY (patterns)
  LIMIT most
$$;
REVOKE ALL ON FUNCTION search_patients_by_name(text[], int), search_patients_by_phone(text[], int) FROM PUBLIC;
ALTER FUNCTION search_patients_by_name(text[], int) OWNER TO switchboard_definer;
ALTER FUNCTION search_patients_by_phone(text[], int) OWNER TO switchboard_definer;
GRANT SELECT ON patients, patient_identifiers TO switchboard_definer;
GRANT EXECUTE ON FUNCTION search_patients_by_name(text[], int), search_patients_by_phone(text[], int) TO switchboard_api;

-- A merge or a decision gives a record to another patient.
GRANT UPDATE (patient_id, original_patient_id) ON voice_calls TO switchboard_api;

-- Secrets are written and never read: password hashes, hashes of keys, sealed webhook secrets.
GRANT SELECT (tenant_id, id, email, display_name, role, status, created_at, updated_at), INSERT,
  UPDATE (display_name, role, password_hash, status) ON users TO switchboard_api;
GRANT SELECT (tenant_id, id, key_id, name, scopes, expires_at, revoked_at, created_at, updated_at), INSERT,
  UPDATE (expires_at, revoked_at) ON api_keys TO switchboard_api;
GRANT SELECT (tenant_id, id, kind, not_after, created_at, updated_at), INSERT, UPDATE (not_after), DELETE
  ON tenant_webhook_secrets TO switchboard_api;
GRANT UPDATE (name, time_zone, first_weekday, locale, webhook_modes, match_link_threshold, match_review_threshold,
  retention_days, business_hours, first_response_target_minutes, reopen_conversation_days, settings_version)
  ON tenants TO switchboard_api;
