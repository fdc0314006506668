// Files that staff send: the API writes them as jobs writes what it fetched. And two questions of the inbox that read all of a
// clinic's conversations, and all of a thread for each of its messages. Every step may be run again.

const indexes = [
  [
    'conversations_unread',
    'conversations (tenant_id, (coalesce(last_message_at, began_at, created_at)) DESC, id DESC) WHERE unread > 0',
    'The unread of the inbox, newest activity first.',
  ],
  [
    'conversation_messages_reactions',
    `conversation_messages (tenant_id, conversation_id, quoted_message_id) WHERE kind = 'reaction'`,
    'Reactions to a message of a thread.',
  ],
];

/** @param {import('node-pg-migrate').MigrationBuilder} pgm */
export function up(pgm) {
  pgm.noTransaction();
  pgm.sql(
    'GRANT INSERT, UPDATE (state, content_type, size_bytes, sha256, reading) ON stored_files TO switchboard_api',
  );
  for (const [name, columns, query] of indexes) {
    pgm.sql(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`);
    pgm.sql(`CREATE INDEX CONCURRENTLY ${name} ON ${columns}`);
    pgm.sql(`COMMENT ON INDEX ${name} IS '${query}'`);
  }
}

export const down = false;
