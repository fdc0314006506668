-- Up Migration
CREATE TABLE inbox (
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  event_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, event_id)
);
COMMENT ON TABLE inbox IS 'Events whose effect is committed: written in the transaction of the effect, so that a repeat does nothing.';
CREATE INDEX inbox_created ON inbox USING brin (created_at);
COMMENT ON INDEX inbox_created IS 'Removal of marks older than any vendor''s retries.';
CALL secure_tenant_table('inbox');

-- Not a tenant's: batches span tenants. Only the sink has rights on these two, and they hold positions alone.
CREATE TABLE in_flight (
  topic text NOT NULL,
  partition int NOT NULL,
  first_offset bigint NOT NULL,
  last_offset bigint NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (topic, partition)
);
COMMENT ON TABLE in_flight IS 'Committed before a batch is worked on and cleared by it: whoever finds one took over from a process that died in it, and goes event by event.';
CREATE TABLE in_flight_attempts (
  topic text NOT NULL,
  partition int NOT NULL,
  message_offset bigint NOT NULL,
  attempts int NOT NULL,
  last_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (topic, partition, message_offset)
);
COMMENT ON TABLE in_flight_attempts IS 'How often a single event was begun and not finished: an event that kills the process five times is set aside.';

CREATE TABLE dead_letters (
  id uuid PRIMARY KEY,
  tenant_id uuid,
  stage text NOT NULL,
  reason text NOT NULL,
  detail text,
  source text NOT NULL,
  topic text,
  event_id uuid,
  call_id text,
  message_key text,
  schema_id int,
  content_type text NOT NULL,
  sealed bytea NOT NULL,
  attempts int NOT NULL,
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'replayed', 'discarded')),
  first_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE dead_letters IS 'Events that could not go on, with their original bytes (AES-256-GCM). tenant_id is null where not even that could be read.';
CREATE INDEX dead_letters_open ON dead_letters (tenant_id, last_at DESC) WHERE state = 'open';
COMMENT ON INDEX dead_letters_open IS 'Open dead letters of a tenant, newest first; their number.';
CALL secure_tenant_table('dead_letters');

CREATE TABLE fact_current (
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  kind text NOT NULL,
  entity_id uuid NOT NULL,
  basis text NOT NULL,
  statement jsonb,
  statement_version int NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, kind, entity_id, basis)
);
COMMENT ON TABLE fact_current IS 'What analytics was last told of each entity: the truth that ClickHouse''s sums must equal. A statement that ceased stays as null.';
CALL secure_tenant_table('fact_current');

CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  shard smallint NOT NULL,
  tenant_id uuid NOT NULL,
  kind text NOT NULL,
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  event_id uuid NOT NULL,
  traceparent text,
  sign smallint NOT NULL CHECK (sign IN (-1, 1)),
  line text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE outbox IS 'Signed statements on their way to ClickHouse, written in the transaction that made them, moved into blocks.';
CREATE INDEX outbox_shard ON outbox (shard, xid, id);
COMMENT ON INDEX outbox_shard IS 'What is to be moved into the next block, from the xmin of the last full drain on.';
CALL secure_tenant_table('outbox');
