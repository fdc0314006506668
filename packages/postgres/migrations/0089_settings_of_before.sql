-- Up Migration
-- What 0045 and 0087 meant to change of the clinics that were there before, and did not: forced row-level security binds the owner
-- too, who works for no tenant here.
SET LOCAL lock_timeout = '3s';

ALTER TABLE tenants NO FORCE ROW LEVEL SECURITY;
-- Only where nobody ever changed a setting: a clinic that did may have left Vapi and Retell out on purpose.
UPDATE tenants SET webhook_modes = webhook_modes || '{vapi,retell}'::text[]
WHERE settings_version = 1 AND 'zoice' = ANY (webhook_modes) AND NOT webhook_modes && '{vapi,retell}';
UPDATE tenants SET retention_days = retention_days - 'audit', settings_version = settings_version + 1 WHERE retention_days ? 'audit';
ALTER TABLE tenants FORCE ROW LEVEL SECURITY;

-- A slot that has no length, or is longer than a day, is none: as long as the visit.
ALTER TABLE practitioner_schedules NO FORCE ROW LEVEL SECURITY;
UPDATE practitioner_schedules SET slot_minutes = NULL WHERE slot_minutes NOT BETWEEN 1 AND 1440;
ALTER TABLE practitioner_schedules FORCE ROW LEVEL SECURITY;
ALTER TABLE practitioner_schedules
  ADD CONSTRAINT practitioner_schedules_slot_minutes CHECK (slot_minutes BETWEEN 1 AND 1440) NOT VALID;
