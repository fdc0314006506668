-- Up Migration
-- A repeat of a tool's use that gets the kept answer is a use too, but no second booking.
SET LOCAL lock_timeout = '3s';

ALTER TABLE voice_tool_uses ADD COLUMN repeated boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN voice_tool_uses.repeated IS 'Got the answer that was kept of another use, and did nothing: no further try to book or change.';
