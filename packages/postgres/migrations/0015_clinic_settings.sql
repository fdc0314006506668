-- Up Migration
-- What a clinic decides about itself beyond calls: opening hours (response times in business hours), the target of a first
-- response, when a new message opens a conversation again, and how long each kind of record is kept.
SET LOCAL lock_timeout = '3s';

ALTER TABLE tenants
  ADD COLUMN business_hours jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN first_response_target_minutes int NOT NULL DEFAULT 15 CHECK (first_response_target_minutes > 0),
  ADD COLUMN reopen_conversation_days int NOT NULL DEFAULT 7 CHECK (reopen_conversation_days >= 0),
  ALTER COLUMN retention_days SET DEFAULT '{"recordings": 90, "media": 365, "transcripts": 730, "messages": 730, "calls": 2555, "appointments": 2555, "audit": 2555}';
COMMENT ON COLUMN tenants.business_hours IS 'ISO weekday (1 Monday) to [["09:00","17:30"], …] in wall time of the clinic''s zone; a weekday that is not there is closed; {}: always open.';
COMMENT ON COLUMN tenants.reopen_conversation_days IS 'A message within this many days of the resolution opens the conversation again; a later one begins another.';
COMMENT ON COLUMN tenants.retention_days IS 'Kind of record to the days it is kept; a kind that is not there is kept.';
