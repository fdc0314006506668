-- Up Migration
-- A rebuild may change numbers though no block came: which epoch is read belongs to how fresh the numbers are.
DROP FUNCTION tenant_freshness();

-- How fresh the numbers of the transaction's tenant are: its last done block, the shard's last full drain, and the epoch
-- whose numbers are published (0 before the first). The tables asked span tenants.
CREATE FUNCTION tenant_freshness() RETURNS TABLE (block bigint, done_at timestamptz, as_of timestamptz, epoch int)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce(w.block, 0), w.done_at, s.as_of, coalesce((SELECT max(e.epoch) FROM clickhouse_epochs e WHERE e.published), 0)
  FROM tenants t
  LEFT JOIN tenant_watermarks w ON w.tenant_id = t.id
  LEFT JOIN block_shards s ON s.shard = t.shard
  WHERE t.id = current_tenant()
$$;
REVOKE ALL ON FUNCTION tenant_freshness() FROM PUBLIC;
ALTER FUNCTION tenant_freshness() OWNER TO switchboard_definer;
GRANT SELECT ON clickhouse_epochs TO switchboard_definer;
GRANT EXECUTE ON FUNCTION tenant_freshness() TO switchboard_api;

-- Live streams read anew when other tables are published: any tenant's numbers may differ.
CREATE FUNCTION tell_published_epoch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('switchboard_block_done', json_build_object('epoch', NEW.epoch, 'tenants', NULL)::text);
  RETURN NULL;
END $$;
CREATE TRIGGER clickhouse_epochs_published AFTER INSERT OR UPDATE OF published ON clickhouse_epochs
  FOR EACH ROW WHEN (NEW.published) EXECUTE FUNCTION tell_published_epoch();

-- As before, but newest calls first, so that what a limit cuts off is the oldest.
CREATE OR REPLACE FUNCTION search_calls(words text, most int DEFAULT 10000) RETURNS TABLE (call_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT c.id
  FROM voice_calls c
  WHERE c.tenant_id = current_tenant() AND c.id IN (
    SELECT t.call_id FROM voice_call_transcripts t
    WHERE t.tenant_id = current_tenant()
      AND to_tsvector('simple', left(t.text, 20000)) @@ websearch_to_tsquery('simple', words))
  ORDER BY c.began_at DESC, c.id
  LIMIT most
$$;
GRANT SELECT ON voice_calls TO switchboard_definer;
