-- As before, but a block that is done after a later one of another shard, which its clinic was moved to, changes numbers too.
CREATE OR REPLACE FUNCTION finish_block(p_shard smallint, p_number bigint, p_epoch int) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_block blocks;
BEGIN
  UPDATE blocks b SET state = 'done', epoch = p_epoch, done_at = clock_timestamp()
  WHERE b.shard = p_shard AND b.number = p_number AND b.state = 'moved' RETURNING * INTO v_block;
  IF NOT FOUND THEN RETURN; END IF;
  INSERT INTO tenant_watermarks AS w (tenant_id, block, done_at)
  SELECT t.id, p_number, v_block.done_at FROM tenants t WHERE t.id = ANY (v_block.tenants) ORDER BY t.id
  ON CONFLICT (tenant_id) DO UPDATE SET block = greatest(w.block, excluded.block), done_at = excluded.done_at;
  UPDATE block_shards s SET last_done = greatest(s.last_done, p_number), updated_at = now(),
    as_of = CASE WHEN v_block.drained THEN greatest(s.as_of, v_block.as_of) ELSE s.as_of END
  WHERE s.shard = p_shard;
  PERFORM pg_notify('switchboard_block_done', json_build_object('shard', p_shard, 'block', p_number,
    'tenants', CASE WHEN cardinality(v_block.tenants) <= 100 THEN to_json(v_block.tenants) END)::text);
END $$;
