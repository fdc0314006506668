-- Up Migration
-- As before, but without a join: the outbox is empty whenever it is analysed, so the planner may take it for a table of one row, and then
-- joins what it moves by going through all of it again for each row of a block. Ids are looked up in the key, whatever it believes.
CREATE OR REPLACE FUNCTION move_outbox(p_shard smallint, p_limit int)
  RETURNS TABLE (number bigint, row_count int, drained boolean)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
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
  WITH taken AS (
    DELETE FROM outbox o WHERE o.id = ANY (ARRAY(
      SELECT w.id FROM outbox w WHERE w.shard = p_shard AND w.xid >= v_from ORDER BY w.xid, w.id LIMIT p_limit))
    RETURNING o.id, o.kind, o.tenant_id, o.line
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
