// Recordings are many and are written all the time: indexes are built, and constraints checked, beside their writers. Every
// step may be run again.

const indexes = [
  [
    'voice_call_recordings_due',
    `voice_call_recordings (tenant_id, next_attempt_at) WHERE state = 'pending' AND source_url IS NOT NULL`,
    'Recordings that are still with the vendor, by the next try.',
  ],
  [
    'voice_call_recordings_expiry',
    `voice_call_recordings (tenant_id, expires_at) WHERE state = 'stored'`,
    'Recordings whose time is over.',
  ],
  [
    'voice_call_recordings_file_index',
    'voice_call_recordings (tenant_id, file_id) WHERE file_id IS NOT NULL',
    'Whether a recording still needs a file; the foreign key.',
  ],
  [
    'message_media_file_index',
    'message_media (tenant_id, file_id) WHERE file_id IS NOT NULL',
    'Whether a message still needs a file; the foreign key.',
  ],
];

/** @param {import('node-pg-migrate').MigrationBuilder} pgm */
export function up(pgm) {
  pgm.noTransaction();
  for (const [name, columns, query] of indexes) {
    pgm.sql(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`);
    pgm.sql(`CREATE INDEX CONCURRENTLY ${name} ON ${columns}`);
    pgm.sql(`COMMENT ON INDEX ${name} IS '${query}'`);
  }
  // The first of the new ones serves all that this one did.
  pgm.sql('DROP INDEX CONCURRENTLY IF EXISTS voice_call_recordings_pending');
  for (const table of ['voice_call_recordings', 'message_media']) {
    pgm.sql(`ALTER TABLE ${table} VALIDATE CONSTRAINT ${table}_file`);
    pgm.sql(`ALTER TABLE ${table} VALIDATE CONSTRAINT ${table}_stored`);
  }
}

export const down = false;
