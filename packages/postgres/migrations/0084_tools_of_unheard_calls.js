// What the tools keep of calls of which no event ever came is emptied by its own age; built while the tools are used. Every step
// may be run again.

/** @param {import('node-pg-migrate').MigrationBuilder} pgm */
export function up(pgm) {
  pgm.noTransaction();
  pgm.sql('DROP INDEX CONCURRENTLY IF EXISTS voice_tool_uses_age');
  pgm.sql(`CREATE INDEX CONCURRENTLY voice_tool_uses_age ON voice_tool_uses (tenant_id, created_at)
    WHERE answer IS NOT NULL`);
  pgm.sql(
    `COMMENT ON INDEX voice_tool_uses_age IS 'Answers that are old enough to be emptied, where no event of their call came.'`,
  );
  pgm.sql('DROP INDEX CONCURRENTLY IF EXISTS voice_tool_callers_age');
  pgm.sql('CREATE INDEX CONCURRENTLY voice_tool_callers_age ON voice_tool_callers (tenant_id, created_at)');
  pgm.sql(
    `COMMENT ON INDEX voice_tool_callers_age IS 'Callers who are old enough to be forgotten, where no event of their call came.'`,
  );
}

export const down = false;
