-- Up Migration
-- Practitioners of another department and types with another fee whose records are too many to be stated in the change's own
-- transaction: the sink's upkeep goes through them page by page.
SET LOCAL lock_timeout = '3s';

CREATE TABLE stale_owners (
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  records text NOT NULL CHECK (records IN ('appointments', 'journeys')),
  owner_kind text NOT NULL CHECK (owner_kind IN ('practitioner', 'appointment_type')),
  owner_id uuid NOT NULL,
  after_at timestamptz NOT NULL DEFAULT '-infinity',
  after_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, records, owner_kind, owner_id)
);
COMMENT ON TABLE stale_owners IS 'Whose appointments or journeys state what the owner was before. They count as stated by older rules until the row is gone.';
COMMENT ON COLUMN stale_owners.after_at IS 'How far the upkeep has come, with after_id: by an appointment''s start, a journey''s creation.';
CALL secure_tenant_table('stale_owners');

GRANT SELECT, INSERT, UPDATE, DELETE ON stale_owners TO switchboard_sink;
-- Who states facts calls them stale, too; only the sink works them off.
GRANT SELECT, INSERT, UPDATE ON stale_owners TO switchboard_api;
