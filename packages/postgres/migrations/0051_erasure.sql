-- Up Migration
-- Erasing a patient, and emptying what is old. What facts are stated from stays.
SET LOCAL lock_timeout = '3s';

ALTER TABLE patients ADD COLUMN erased_at timestamptz;
COMMENT ON COLUMN patients.erased_at IS 'When all that tells who this was, was removed for good. What the clinic''s system says afterwards is of a new patient.';

GRANT SELECT, DELETE ON conversation_notes, voice_tool_callers TO switchboard_sink;
GRANT DELETE ON record_states TO switchboard_sink;
GRANT UPDATE (answer) ON voice_tool_uses TO switchboard_sink;
-- Who erases is written down in the same transaction.
GRANT INSERT ON audit_log TO switchboard_sink;
