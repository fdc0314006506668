const name = 'conversations_activity';

/** @param {import('node-pg-migrate').MigrationBuilder} pgm */
export function up(pgm) {
  pgm.noTransaction();
  pgm.sql(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`);
  pgm.sql(
    `CREATE INDEX CONCURRENTLY ${name} ON conversations (tenant_id, (coalesce(last_message_at, began_at, created_at)) DESC, id DESC)`,
  );
  pgm.sql(
    `COMMENT ON INDEX ${name} IS 'The inbox over all states, newest activity first; calls have no message.'`,
  );
}

export const down = false;
