-- Up Migration
-- Whether a slot is the call's own booking, when it is asked for again, follows from what was said for whom, and from nothing on
-- file: else the answer tells who is a patient.
SET LOCAL lock_timeout = '3s';

ALTER TABLE voice_tool_uses ADD COLUMN asked_for text;
COMMENT ON COLUMN voice_tool_uses.asked_for IS 'Keyed hash of the phone and name that a booking was asked for; the same again are told of it. Null where a proven patient''s id was given.';
GRANT UPDATE (asked_for) ON voice_tool_uses TO switchboard_sink;
