-- Up Migration
-- A number may have been another clinic's until a moment ago, at the same account with Twilio. Its messages of that time are in
-- Twilio's list, and that clinic's alone.
SET LOCAL lock_timeout = '3s';

ALTER TABLE tenant_numbers ADD COLUMN had_since timestamptz NOT NULL DEFAULT now();
COMMENT ON COLUMN tenant_numbers.had_since IS 'Since when the clinic has this very number; created_at is kept where it is corrected. Older messages of the number are not the clinic''s.';
-- Forced row-level security binds the owner too, who works for no tenant here.
ALTER TABLE tenant_numbers NO FORCE ROW LEVEL SECURITY;
UPDATE tenant_numbers SET had_since = created_at;
ALTER TABLE tenant_numbers FORCE ROW LEVEL SECURITY;

ALTER TABLE message_sends ADD COLUMN asked_account text;
COMMENT ON COLUMN message_sends.asked_account IS 'The vendor''s account that was asked last: only its list can say that a message was not taken. Null: it was asked by a release that did not note it.';
