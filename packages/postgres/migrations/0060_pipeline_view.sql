-- Up Migration
-- How far each shard's facts are on their way to ClickHouse, for the page of the pipeline. Blocks and the outbox span
-- tenants, and nothing of one tenant is told.
CREATE FUNCTION pipeline_shards()
  RETURNS TABLE (shard smallint, open_blocks int, oldest_row_seconds float8, as_of timestamptz, rows_per_second float8)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT s.shard, t.open_blocks, t.oldest_row_seconds, t.as_of,
    (SELECT coalesce(sum(b.rows), 0) / 60.0 FROM blocks b
     WHERE b.state = 'done' AND b.done_at > now() - interval '1 minute' AND b.shard = s.shard)::float8
  FROM block_shards s, LATERAL shard_status(s.shard) t
  ORDER BY s.shard
$$;
REVOKE ALL ON FUNCTION pipeline_shards() FROM PUBLIC;
ALTER FUNCTION pipeline_shards() OWNER TO switchboard_definer;
GRANT EXECUTE ON FUNCTION pipeline_shards() TO switchboard_api;
