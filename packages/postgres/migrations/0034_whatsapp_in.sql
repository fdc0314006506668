-- Up Migration
-- What ingest must know to take Twilio's webhooks. A clinic's own account is tenants.twilio_account_sid; its token, with which
-- Twilio signs, is the secret of kind twilio in tenant_webhook_secrets, sealed, of which the newest without not_after is what
-- is sent with. Its WhatsApp numbers are those of channel whatsapp in tenant_numbers; the oldest is sent from.
SET LOCAL lock_timeout = '3s';

ALTER TABLE tenants ADD COLUMN IF NOT EXISTS twilio_account_sid text CHECK (twilio_account_sid ~ '^AC[0-9a-f]{32}$');
COMMENT ON COLUMN tenants.twilio_account_sid IS 'The clinic''s own account; its token is the newest secret of kind twilio.';

ALTER TABLE tenant_numbers DROP CONSTRAINT tenant_numbers_channel_check;
ALTER TABLE tenant_numbers ADD CONSTRAINT tenant_numbers_channel_check
  CHECK (channel IN ('voice', 'whatsapp', 'sms')) NOT VALID;

-- Ingest checks Twilio's signature before it can trust any word about whose request it is, and learns of the called number
-- whose it must be.
CREATE FUNCTION ingest_twilio() RETURNS TABLE (tenant_id uuid, twilio_secrets jsonb, numbers jsonb)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT t.id,
    coalesce((SELECT jsonb_agg(jsonb_build_object('id', s.id, 'sealed', encode(s.sealed, 'base64'), 'not_after', s.not_after))
              FROM tenant_webhook_secrets s WHERE s.tenant_id = t.id AND s.kind = 'twilio'), '[]'),
    coalesce((SELECT jsonb_agg(jsonb_build_object('channel', n.channel, 'number', n.number))
              FROM tenant_numbers n WHERE n.tenant_id = t.id AND n.channel IN ('whatsapp', 'sms')), '[]')
  FROM tenants t
$$;
REVOKE ALL ON FUNCTION ingest_twilio() FROM PUBLIC;
GRANT SELECT ON tenant_numbers TO switchboard_definer;
ALTER FUNCTION ingest_twilio() OWNER TO switchboard_definer;
GRANT EXECUTE ON FUNCTION ingest_twilio() TO switchboard_ingest;

GRANT UPDATE (twilio_account_sid) ON tenants TO switchboard_api;
