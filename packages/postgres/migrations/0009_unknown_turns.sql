-- Up Migration
-- How many turns the caller had is unknown without a transcript; that was stored as none, and counted as an abandoned call.
ALTER TABLE voice_calls ALTER caller_turns DROP NOT NULL, ALTER caller_turns DROP DEFAULT;
COMMENT ON COLUMN voice_calls.caller_turns IS 'Turns of the caller in the transcript; null: there is no transcript.';

-- Forced row-level security binds the owner too, who works for no tenant here.
ALTER TABLE voice_calls NO FORCE ROW LEVEL SECURITY;
ALTER TABLE voice_call_transcripts NO FORCE ROW LEVEL SECURITY;
UPDATE voice_calls c SET caller_turns = NULL
WHERE caller_turns = 0 AND NOT EXISTS (
  SELECT FROM voice_call_transcripts t WHERE t.tenant_id = c.tenant_id AND t.call_id = c.id);
-- That a call goes on ranks below its end now, whichever event implies it.
UPDATE voice_calls SET merge_state = jsonb_set(merge_state, '{stamps,status,0}',
  to_jsonb((merge_state #>> '{stamps,status,0}')::int - 20))
WHERE status IN ('ringing', 'in_progress') AND merge_state #> '{stamps,status,0}' IS NOT NULL;
ALTER TABLE voice_calls FORCE ROW LEVEL SECURITY;
ALTER TABLE voice_call_transcripts FORCE ROW LEVEL SECURITY;
