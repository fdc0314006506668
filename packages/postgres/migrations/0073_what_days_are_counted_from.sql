-- Up Migration
-- Whether "tomorrow" was read from the day on which the call began is only known once all of its events are.
SET LOCAL lock_timeout = '3s';

ALTER TABLE voice_call_extractions ADD COLUMN counted_from timestamptz;
COMMENT ON COLUMN voice_call_extractions.counted_from IS 'When the call began by the transcript''s event alone: what "tomorrow" was counted from.';
