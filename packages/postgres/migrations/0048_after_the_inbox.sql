-- Up Migration
-- As 0033, for the tables that came since.
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

-- Added by 0034 without a look at the rows, which would have held the table for as long.
ALTER TABLE tenant_numbers VALIDATE CONSTRAINT tenant_numbers_channel_check;
