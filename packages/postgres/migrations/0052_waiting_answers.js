// Answers that came before what they are to, by that. Built while writers go on; every step may be run again.

/** @param {import('node-pg-migrate').MigrationBuilder} pgm */
export function up(pgm) {
  pgm.noTransaction();
  pgm.sql('DROP INDEX CONCURRENTLY IF EXISTS conversation_messages_waiting');
  pgm.sql(
    `CREATE INDEX CONCURRENTLY conversation_messages_waiting ON conversation_messages (tenant_id, source, (extra ->> 'quoted'))
     WHERE quoted_message_id IS NULL AND extra ? 'quoted'`,
  );
  pgm.sql(
    `COMMENT ON INDEX conversation_messages_waiting IS 'Answers and reactions that wait for what they are to, when that comes.'`,
  );
}

export const down = false;
