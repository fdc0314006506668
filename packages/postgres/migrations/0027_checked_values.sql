-- Up Migration
-- What 0026 checks for rows to come is checked for those that are there, under locks that hold up no writer.
SET LOCAL lock_timeout = '3s';

ALTER TABLE patient_identifiers VALIDATE CONSTRAINT patient_identifiers_kind_check;
ALTER TABLE appointments VALIDATE CONSTRAINT appointments_fee_has_currency;
ALTER TABLE conversations VALIDATE CONSTRAINT conversations_channel_check;

-- Last, and not with tables that its writers hold while they wait for a tenant's row.
ALTER TABLE tenants ADD COLUMN own_numberings text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN tenants.own_numberings IS 'Origins of record events whose ids are not the clinic''s own: the same id there is another record.';
GRANT SELECT (id, reopen_conversation_days, own_numberings) ON tenants TO switchboard_sink;
