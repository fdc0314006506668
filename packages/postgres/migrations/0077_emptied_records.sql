-- Up Migration
-- What was emptied stays empty, whatever late events bring of it; and what the clinic's system told of a patient is found by
-- the patient, whether it made a row or not.
SET LOCAL lock_timeout = '3s';

ALTER TABLE voice_calls ADD COLUMN emptied text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN voice_calls.emptied IS 'What no later event of the call fills again: texts, caller, number, recording.';
ALTER TABLE conversation_messages ADD COLUMN emptied_at timestamptz;
COMMENT ON COLUMN conversation_messages.emptied_at IS 'When what it says was emptied: an edit that comes later does not fill it again.';
ALTER TABLE record_states ADD COLUMN emptied_at timestamptz;
COMMENT ON COLUMN record_states.emptied_at IS 'When what it tells of a patient was emptied: what was said before does not fill it again, what is said since does.';

-- Operators of jsonb are not leakproof, so that the planner may not use their index under row-level security. The tenant is
-- the transaction's own.
CREATE FUNCTION records_naming(numberings text[], numbers text[]) RETURNS TABLE (entity_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT DISTINCT s.entity_id
  FROM unnest(numberings, numbers) AS p (numbering, number)
  JOIN record_states s ON jsonb_path_query_array(s.state, '$.fields.patient_external_id.*.value') ? p.number
    AND s.numbering = p.numbering
  WHERE s.tenant_id = current_tenant() AND s.kind IN ('appointment', 'journey', 'message')
$$;
REVOKE ALL ON FUNCTION records_naming(text[], text[]) FROM PUBLIC;
ALTER FUNCTION records_naming(text[], text[]) OWNER TO switchboard_definer;
GRANT SELECT ON record_states TO switchboard_definer;
GRANT EXECUTE ON FUNCTION records_naming(text[], text[]) TO switchboard_sink;
