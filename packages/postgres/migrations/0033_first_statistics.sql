-- Up Migration
-- Until a table is analysed for the first time the planner takes a clinic for one of hundreds. A foreign key's check, whose
-- plan is kept while a table grows from nothing, then went through all calls of the clinic by any index that begins with
-- tenant_id, for each turn written. What every table's rows have in common is told beforehand: few clinics, many rows each.
SET LOCAL lock_timeout = '3s';
DO $$
DECLARE
  target record;
BEGIN
  -- Before PostgreSQL 18 the first ANALYZE has to tell.
  IF NOT EXISTS (SELECT FROM pg_proc WHERE proname = 'pg_restore_attribute_stats') THEN
    RETURN;
  END IF;
  FOR target IN
    SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
    -- Never analysed: what is known of the others is better than this.
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.reltuples < 0
  LOOP
    PERFORM pg_restore_attribute_stats('schemaname', 'public', 'relname', target.relname::text, 'attname', 'tenant_id',
      'inherited', false, 'null_frac', 0::real, 'avg_width', 16, 'n_distinct', 1::real);
  END LOOP;
END $$;
