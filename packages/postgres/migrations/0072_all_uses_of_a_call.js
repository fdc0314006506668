// Whether a call used any tool is asked when its events come; the index knew only those that booked or changed.

/** @param {import('node-pg-migrate').MigrationBuilder} pgm */
export function up(pgm) {
  pgm.noTransaction();
  pgm.sql('DROP INDEX CONCURRENTLY IF EXISTS voice_tool_uses_call');
  pgm.sql(`CREATE INDEX CONCURRENTLY voice_tool_uses_call ON voice_tool_uses (tenant_id, call_ref)
    WHERE call_ref IS NOT NULL`);
  pgm.sql(
    `COMMENT ON INDEX voice_tool_uses_call IS 'What tools a call used and what they did, when the call''s events come.'`,
  );
  pgm.sql('DROP INDEX CONCURRENTLY IF EXISTS voice_tool_uses_booked');
}

export const down = false;
