-- Up Migration
-- What 0026 checks for rows to come is checked for those that are there, under locks that hold up no writer.
SET LOCAL lock_timeout = '3s';

ALTER TABLE patient_identifiers VALIDATE CONSTRAINT patient_identifiers_kind_check;
ALTER TABLE appointments VALIDATE CONSTRAINT appointments_fee_has_currency;
ALTER TABLE conversations VALIDATE CONSTRAINT conversations_channel_check;
