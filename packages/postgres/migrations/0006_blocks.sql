-- Up Migration
-- From the outbox to ClickHouse: immutable blocks, the epochs of ClickHouse's tables, and how far each tenant's numbers go.
-- Blocks span tenants and hold no PHI; only the sink has rights on them.

CREATE SEQUENCE block_number;
COMMENT ON SEQUENCE block_number IS 'One for all shards, so that a number names one block. Gaps mean nothing.';

CREATE TABLE block_shards (
  shard smallint PRIMARY KEY,
  last_number bigint NOT NULL DEFAULT 0,
  drain_xmin xid8 NOT NULL DEFAULT '0',
  as_of timestamptz,
  last_done bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN block_shards.drain_xmin IS 'pg_snapshot_xmin of the last move that took all it saw: rows of older transactions are gone, so the next move starts here and does not wade through dead index entries.';
COMMENT ON COLUMN block_shards.as_of IS 'Every fact committed before this instant is in ClickHouse.';
INSERT INTO block_shards (shard) VALUES (0);

CREATE TABLE clickhouse_epochs (
  epoch int PRIMARY KEY CHECK (epoch > 0),
  state text NOT NULL CHECK (state IN ('building', 'current', 'retired', 'dropped')),
  identity uuid NOT NULL,
  shape text NOT NULL,
  cut bigint,
  published boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE clickhouse_epochs IS 'Generations of ClickHouse''s tables. Rows are never deleted, so that no number is used twice.';
COMMENT ON COLUMN clickhouse_epochs.identity IS 'Made with the tables and stored beside them in ClickHouse: tables with another identity are not the ones that blocks were inserted into.';
COMMENT ON COLUMN clickhouse_epochs.cut IS 'The copy of fact_current that the epoch began with holds every block up to this number.';
COMMENT ON COLUMN clickhouse_epochs.published IS 'Whether ClickHouse''s public views stand at it.';
CREATE UNIQUE INDEX clickhouse_epochs_current ON clickhouse_epochs ((true)) WHERE state = 'current';
COMMENT ON INDEX clickhouse_epochs_current IS 'The epoch to insert into, read in each cycle; there is one.';

CREATE TABLE blocks (
  shard smallint NOT NULL REFERENCES block_shards,
  number bigint NOT NULL,
  epoch int REFERENCES clickhouse_epochs,
  state text NOT NULL DEFAULT 'moved' CHECK (state IN ('moved', 'done')),
  tenants uuid[] NOT NULL,
  rows int NOT NULL CHECK (rows > 0),
  drained boolean NOT NULL,
  as_of timestamptz NOT NULL,
  done_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (shard, number)
);
COMMENT ON COLUMN blocks.epoch IS 'That it was found done in; null while it is not.';
COMMENT ON COLUMN blocks.drained IS 'Whether it took all that the move saw; then as_of counts for the shard once it is done.';
CREATE INDEX blocks_undone ON blocks (shard, number) WHERE state = 'moved';
COMMENT ON INDEX blocks_undone IS 'What a cycle finishes first.';
CREATE INDEX blocks_done ON blocks (done_at) WHERE state = 'done';
COMMENT ON INDEX blocks_done IS 'Removal of old payloads and old blocks.';

CREATE TABLE block_payloads (
  shard smallint NOT NULL,
  number bigint NOT NULL,
  kind text NOT NULL,
  rows int NOT NULL,
  payload text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (shard, number, kind),
  FOREIGN KEY (shard, number) REFERENCES blocks ON DELETE CASCADE
);
COMMENT ON TABLE block_payloads IS 'The very bytes to insert, per fact table: an insert repeated is the same insert.';

CREATE TABLE tenant_watermarks (
  tenant_id uuid PRIMARY KEY REFERENCES tenants ON DELETE CASCADE,
  block bigint NOT NULL,
  done_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE tenant_watermarks IS 'The last block with facts of a tenant that ClickHouse is known to hold.';
CALL secure_tenant_table('tenant_watermarks');

-- Takes up to p_limit rows of the shard's outbox into one block whose bytes are fixed here. The worker spans tenants,
-- so forced row security would blind it. The shard's session lock (class 7301) is asked for, not trusted. as_of is
-- now(): in a transaction of one statement or at REPEATABLE READ it is no later than the snapshot the rows are seen by.
CREATE FUNCTION move_outbox(p_shard smallint, p_limit int)
  RETURNS TABLE (number bigint, row_count int, drained boolean)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_xmin xid8 := pg_snapshot_xmin(pg_current_snapshot());
  v_from xid8;
  v_rows int;
  v_number bigint;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND classid = 7301 AND objid = p_shard::int::oid AND objsubid = 2) THEN
    RAISE EXCEPTION 'shard % is not locked by this session', p_shard USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  -- A cluster whose transactions are younger than the last drain is a restored one: start from the beginning.
  SELECT CASE WHEN v_xmin < s.drain_xmin THEN '0'::xid8 ELSE s.drain_xmin END INTO STRICT v_from
  FROM block_shards s WHERE s.shard = p_shard;

  IF NOT EXISTS (SELECT FROM outbox o WHERE o.shard = p_shard AND o.xid >= v_from) THEN
    UPDATE block_shards s SET drain_xmin = v_xmin, updated_at = now(), as_of = CASE
      WHEN EXISTS (SELECT FROM blocks b WHERE b.shard = p_shard AND b.state = 'moved') THEN s.as_of
      ELSE greatest(s.as_of, now()) END
    WHERE s.shard = p_shard;
    RETURN QUERY SELECT NULL::bigint, 0, true;
    RETURN;
  END IF;

  v_number := nextval('block_number');
  WITH wanted AS (
    SELECT o.id FROM outbox o WHERE o.shard = p_shard AND o.xid >= v_from ORDER BY o.xid, o.id LIMIT p_limit
  ), taken AS (
    DELETE FROM outbox o USING wanted w WHERE o.id = w.id RETURNING o.id, o.kind, o.tenant_id, o.line
  ), block AS (
    INSERT INTO blocks (shard, number, tenants, rows, drained, as_of)
    SELECT p_shard, v_number, array_agg(DISTINCT t.tenant_id), count(*), count(*) < p_limit, now() FROM taken t
    RETURNING blocks.rows
  ), payloads AS (
    INSERT INTO block_payloads (shard, number, kind, rows, payload)
    SELECT p_shard, v_number, t.kind, count(*),
      string_agg('{"block": ' || v_number || ', ' || substr(t.line, 2), E'\n' ORDER BY t.id)
    FROM taken t GROUP BY t.kind
  )
  SELECT b.rows INTO STRICT v_rows FROM block b;
  UPDATE block_shards s SET last_number = v_number, updated_at = now(),
    drain_xmin = CASE WHEN v_rows < p_limit THEN v_xmin ELSE s.drain_xmin END
  WHERE s.shard = p_shard;
  RETURN QUERY SELECT v_number, v_rows, v_rows < p_limit;
END $$;

-- Marks a block done, raises the watermarks of its tenants and tells the live streams. Spans tenants.
CREATE FUNCTION finish_block(p_shard smallint, p_number bigint, p_epoch int) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_block blocks;
BEGIN
  UPDATE blocks b SET state = 'done', epoch = p_epoch, done_at = clock_timestamp()
  WHERE b.shard = p_shard AND b.number = p_number AND b.state = 'moved' RETURNING * INTO v_block;
  IF NOT FOUND THEN RETURN; END IF;
  INSERT INTO tenant_watermarks AS w (tenant_id, block, done_at)
  SELECT t.id, p_number, v_block.done_at FROM tenants t WHERE t.id = ANY (v_block.tenants) ORDER BY t.id
  ON CONFLICT (tenant_id) DO UPDATE SET block = excluded.block, done_at = excluded.done_at WHERE w.block < excluded.block;
  UPDATE block_shards s SET last_done = greatest(s.last_done, p_number), updated_at = now(),
    as_of = CASE WHEN v_block.drained THEN greatest(s.as_of, v_block.as_of) ELSE s.as_of END
  WHERE s.shard = p_shard;
  PERFORM pg_notify('switchboard_block_done', json_build_object('shard', p_shard, 'block', p_number,
    'tenants', CASE WHEN cardinality(v_block.tenants) <= 100 THEN to_json(v_block.tenants) END)::text);
END $$;

-- How far behind a shard is: blocks not yet done, and the age of the oldest row still in the outbox. Spans tenants.
CREATE FUNCTION shard_status(p_shard smallint)
  RETURNS TABLE (open_blocks int, oldest_row_seconds float8, as_of timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT (SELECT count(*)::int FROM blocks b WHERE b.shard = p_shard AND b.state = 'moved'),
    (SELECT extract(epoch FROM clock_timestamp() - o.created_at)::float8 FROM outbox o
     WHERE o.shard = p_shard AND o.xid >= s.drain_xmin ORDER BY o.xid, o.id LIMIT 1),
    s.as_of
  FROM block_shards s WHERE s.shard = p_shard
$$;

-- Verify and rebuild go through all tenants, then read each as that tenant, under row security.
CREATE FUNCTION all_tenants() RETURNS TABLE (tenant_id uuid, shard smallint, time_zone text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT t.id, t.shard, t.time_zone FROM tenants t ORDER BY t.id
$$;

-- How fresh the numbers of the transaction's tenant are: its last done block, and the shard's last full drain.
CREATE FUNCTION tenant_freshness() RETURNS TABLE (block bigint, done_at timestamptz, as_of timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce(w.block, 0), w.done_at, s.as_of
  FROM tenants t
  LEFT JOIN tenant_watermarks w ON w.tenant_id = t.id
  LEFT JOIN block_shards s ON s.shard = t.shard
  WHERE t.id = current_tenant()
$$;

DO $$
DECLARE f regprocedure;
BEGIN
  FOREACH f IN ARRAY ARRAY['move_outbox(smallint, int)'::regprocedure, 'finish_block(smallint, bigint, int)',
    'shard_status(smallint)', 'all_tenants()', 'tenant_freshness()']
  LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
    EXECUTE format('ALTER FUNCTION %s OWNER TO switchboard_definer', f);
  END LOOP;
END $$;

GRANT USAGE ON SEQUENCE block_number TO switchboard_definer;
GRANT SELECT ON tenants TO switchboard_definer;
GRANT SELECT, DELETE ON outbox TO switchboard_definer;
GRANT SELECT, INSERT, UPDATE ON blocks, block_shards, tenant_watermarks TO switchboard_definer;
GRANT INSERT ON block_payloads TO switchboard_definer;

GRANT EXECUTE ON FUNCTION move_outbox(smallint, int), finish_block(smallint, bigint, int), shard_status(smallint), all_tenants()
  TO switchboard_sink;
GRANT EXECUTE ON FUNCTION tenant_freshness() TO switchboard_api;
GRANT SELECT ON tenant_watermarks TO switchboard_api;
GRANT SELECT, INSERT ON block_shards TO switchboard_sink;
GRANT SELECT, INSERT, UPDATE ON clickhouse_epochs TO switchboard_sink;
GRANT SELECT, UPDATE, DELETE ON blocks TO switchboard_sink;
GRANT SELECT, DELETE ON block_payloads TO switchboard_sink;
