-- Up Migration
-- What sends messages through Twilio, and looks for what its webhooks left out, needs besides 0020. Nothing has written to
-- message_sends yet, so that its index is built at once.
SET LOCAL lock_timeout = '3s';

ALTER TABLE tenants ADD COLUMN IF NOT EXISTS twilio_account_sid text CHECK (twilio_account_sid ~ '^AC[0-9a-f]{32}$');
COMMENT ON COLUMN tenants.twilio_account_sid IS 'The clinic''s own account; its token is the newest secret of kind twilio.';

ALTER TABLE conversations ADD COLUMN IF NOT EXISTS clinic_phone text;
COMMENT ON COLUMN conversations.clinic_phone IS 'The clinic''s number that the other party wrote to last, E.164: answers go out from it, since WhatsApp''s 24 hours are of the pair.';

ALTER TABLE message_sends
  ADD COLUMN IF NOT EXISTS template_variables jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN asked_at timestamptz,
  ADD COLUMN lookups int NOT NULL DEFAULT 0;
COMMENT ON COLUMN message_sends.asked_at IS 'When the vendor was asked last; it stays, so that what became unknown can still be looked for.';
COMMENT ON COLUMN message_sends.lookups IS 'How often the vendor''s messages were looked through for one of which nobody knows whether it was taken.';
CREATE INDEX message_sends_unsettled ON message_sends (tenant_id, asked_at) WHERE state IN ('sending', 'unknown');
COMMENT ON INDEX message_sends_unsettled IS 'Sends of which the vendor may know more than we do.';

-- By whichever way a message is queued, the worker hears of it once that is committed.
CREATE FUNCTION wake_senders() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('switchboard_sends', '');
  RETURN NULL;
END $$;
CREATE TRIGGER message_sends_queued AFTER INSERT ON message_sends FOR EACH STATEMENT EXECUTE FUNCTION wake_senders();

CREATE TABLE sender_paces (
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  number text NOT NULL,
  free_at timestamptz NOT NULL DEFAULT 'epoch',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, number)
);
COMMENT ON TABLE sender_paces IS 'When each sending number may send again. Whoever takes sends holds its row, so that all processes together keep its rate.';
CALL secure_tenant_table('sender_paces');

CREATE TABLE vendor_listings (
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  vendor text NOT NULL CHECK (vendor IN ('twilio')),
  listed_until timestamptz NOT NULL,
  next_at timestamptz NOT NULL DEFAULT now(),
  whole_at timestamptz NOT NULL DEFAULT now(),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, vendor)
);
COMMENT ON COLUMN vendor_listings.listed_until IS 'All that the vendor had until then has been compared with what its webhooks brought.';
COMMENT ON COLUMN vendor_listings.next_at IS 'When it is looked again; who looks moves it into the future first.';
COMMENT ON COLUMN vendor_listings.whole_at IS 'When all of the period is listed again; until then it is looked whether the newest are known.';
CALL secure_tenant_table('vendor_listings');

-- The worker serves all clinics, and forced row security would blind it. Only ids and ages leave.
CREATE FUNCTION due_message_sends() RETURNS TABLE (tenant_id uuid, due_since timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT t.id, s.due_since FROM tenants t
  CROSS JOIN LATERAL (SELECT min(s.next_attempt_at) AS due_since FROM message_sends s
    WHERE s.tenant_id = t.id AND s.state IN ('queued', 'sending') AND s.next_attempt_at <= now()) s
  WHERE t.status = 'active' AND s.due_since IS NOT NULL
$$;

-- Clinics whose messages are to be listed now, for the same reason: those with an account of their own, and the one that the
-- settings give an account.
CREATE FUNCTION due_vendor_listings(p_default uuid) RETURNS TABLE (tenant_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT t.id FROM tenants t
  LEFT JOIN vendor_listings l ON l.tenant_id = t.id AND l.vendor = 'twilio'
  WHERE t.status = 'active' AND (t.twilio_account_sid IS NOT NULL OR t.id = p_default)
    AND (l.tenant_id IS NULL OR l.next_at <= now())
$$;

DO $$
DECLARE f regprocedure;
BEGIN
  FOREACH f IN ARRAY ARRAY['due_message_sends()'::regprocedure, 'due_vendor_listings(uuid)'] LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
    EXECUTE format('ALTER FUNCTION %s OWNER TO switchboard_definer', f);
  END LOOP;
END $$;

GRANT SELECT ON message_sends, vendor_listings TO switchboard_definer;
GRANT EXECUTE ON FUNCTION due_message_sends(), due_vendor_listings(uuid) TO switchboard_sink;
GRANT SELECT, INSERT, UPDATE ON sender_paces, vendor_listings TO switchboard_sink;
GRANT SELECT ON tenant_numbers, tenant_webhook_secrets TO switchboard_sink;
GRANT SELECT (id, slug, twilio_account_sid) ON tenants TO switchboard_sink;
GRANT UPDATE (twilio_account_sid) ON tenants TO switchboard_api;
GRANT SELECT ON tenant_numbers TO switchboard_api;
