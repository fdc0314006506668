// Tries to prove who one is are counted over all calls with a phone too. The table is written while calls go on: its index
// is built beside its writers. Every step may be run again.

/** @param {import('node-pg-migrate').MigrationBuilder} pgm */
export function up(pgm) {
  pgm.noTransaction();
  pgm.sql('DROP INDEX CONCURRENTLY IF EXISTS voice_tool_callers_phone');
  pgm.sql(
    'CREATE INDEX CONCURRENTLY voice_tool_callers_phone ON voice_tool_callers (tenant_id, phone, updated_at)',
  );
  pgm.sql(
    `COMMENT ON INDEX voice_tool_callers_phone IS 'Tries with a phone in the last day, over all calls.'`,
  );
}

export const down = false;
