-- Up Migration
-- What facts are stated from and no row held: when a conversation began, what an appointment costs, the kind of a step.
SET LOCAL lock_timeout = '3s';

ALTER TABLE conversations ADD COLUMN IF NOT EXISTS began_at timestamptz;
ALTER TABLE appointments ADD COLUMN IF NOT EXISTS fee_minor bigint, ADD COLUMN IF NOT EXISTS fee_currency text;
ALTER TABLE journey_steps ADD COLUMN IF NOT EXISTS step_type text;
COMMENT ON COLUMN conversations.began_at IS 'Of a call: when it began; otherwise the first message. Kept with the facts (stateTouched); null: nothing was said yet, and created_at counts.';
COMMENT ON COLUMN appointments.fee_minor IS 'As the clinic''s system said it; null: that of the type counts.';
COMMENT ON COLUMN journey_steps.step_type IS 'Code of the clinic''s plan. The name is a text, and stays out of the facts.';
COMMENT ON COLUMN fact_current.zone IS 'IANA zone of the days the statement counts under, and for kinds that know business hours a digest of those; empty: stated before this was kept, or it counts under none.';

-- Business hours and the target of a first answer decide what is stated; the row is the transaction's own tenant.
GRANT SELECT (id, business_hours, first_response_target_minutes) ON tenants TO switchboard_sink;
-- Who books, merges or answers states the facts in the same transaction.
GRANT SELECT, INSERT, UPDATE ON fact_current TO switchboard_api;
GRANT INSERT ON outbox TO switchboard_api;
