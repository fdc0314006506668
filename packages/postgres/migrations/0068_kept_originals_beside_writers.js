/** @param {import('node-pg-migrate').MigrationBuilder} pgm */
export function up(pgm) {
  pgm.noTransaction();
  pgm.sql('DROP INDEX CONCURRENTLY IF EXISTS dead_letters_kept');
  pgm.sql(`CREATE INDEX CONCURRENTLY dead_letters_kept ON dead_letters (greatest(replayed_at, discarded_at), tenant_id)
    WHERE state IN ('replayed', 'discarded') AND octet_length(sealed) > 0`);
  pgm.sql(`COMMENT ON INDEX dead_letters_kept IS 'Originals of letters that are done with, oldest first.'`);
}

export const down = false;
