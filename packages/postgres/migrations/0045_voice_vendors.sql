-- Up Migration
-- Vapi and Retell sign body and time as Zoice does: allowed wherever Zoice's own signature is, until a clinic says otherwise.
SET LOCAL lock_timeout = '3s';

ALTER TABLE tenants
  DROP CONSTRAINT tenants_webhook_modes_check,
  ALTER COLUMN webhook_modes SET DEFAULT '{standard,zoice,vapi,retell}';
ALTER TABLE tenants
  ADD CONSTRAINT tenants_webhook_modes_check CHECK (webhook_modes <@ '{standard,zoice,vapi,retell,secret}') NOT VALID;
UPDATE tenants SET webhook_modes = webhook_modes || '{vapi,retell}'::text[]
WHERE 'zoice' = ANY (webhook_modes) AND NOT webhook_modes && '{vapi,retell}';
ALTER TABLE tenants VALIDATE CONSTRAINT tenants_webhook_modes_check;
