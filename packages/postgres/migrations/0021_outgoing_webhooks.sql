-- Up Migration
-- What is booked here is told to the clinic's system, signed as Standard Webhooks are: an outbox written in the transaction
-- of the change, so that none is told that did not happen, and none is lost.
-- A foreign key locks the table it leads to, too.
SET LOCAL lock_timeout = '3s';

CREATE TABLE webhook_endpoints (
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  id uuid NOT NULL,
  url text NOT NULL CHECK (url ~ '^https?://'),
  sealed_secret bytea NOT NULL,
  event_types text[] NOT NULL DEFAULT '{}',
  paused_at timestamptz,
  paused_reason text CHECK (paused_reason IN ('gone', 'failing', 'by_user')),
  failing_since timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  CHECK ((paused_at IS NULL) = (paused_reason IS NULL))
);
COMMENT ON COLUMN webhook_endpoints.event_types IS 'What it wants, e.g. appointment.booked; empty: all.';
COMMENT ON COLUMN webhook_endpoints.paused_reason IS 'gone: it answered 410; failing: nothing was taken for as long as is retried.';
CALL secure_tenant_table('webhook_endpoints');

CREATE TABLE webhook_deliveries (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  endpoint_id uuid NOT NULL,
  event_type text NOT NULL,
  entity_id uuid NOT NULL,
  entity_version int NOT NULL,
  body jsonb NOT NULL,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed')),
  attempts int NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL DEFAULT now(),
  last_status int,
  delivered_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, endpoint_id, entity_id, entity_version, event_type),
  FOREIGN KEY (tenant_id, endpoint_id) REFERENCES webhook_endpoints (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON COLUMN webhook_deliveries.id IS 'The webhook-id of every attempt.';
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (tenant_id, next_attempt_at) WHERE state = 'pending';
COMMENT ON INDEX webhook_deliveries_due IS 'What is to be tried now.';
CREATE INDEX webhook_deliveries_entity ON webhook_deliveries (tenant_id, entity_id, created_at);
COMMENT ON INDEX webhook_deliveries_entity IS 'What was told of a record.';
CALL secure_tenant_table('webhook_deliveries');

GRANT SELECT ON webhook_endpoints TO switchboard_sink;
GRANT UPDATE (paused_at, paused_reason, failing_since) ON webhook_endpoints TO switchboard_sink;
GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_deliveries TO switchboard_sink;
-- The secret is for whoever signs: the api shows everything else.
GRANT SELECT (tenant_id, id, url, event_types, paused_at, paused_reason, failing_since, created_at, updated_at)
  ON webhook_endpoints TO switchboard_api;
GRANT SELECT, INSERT ON webhook_deliveries TO switchboard_api;
