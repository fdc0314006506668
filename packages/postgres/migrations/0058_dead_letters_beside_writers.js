const indexes = [
  {
    name: 'dead_letters_listed',
    on: 'dead_letters (tenant_id, last_at DESC, id DESC)',
    query: 'Dead letters of a tenant in every state, newest first.',
  },
  {
    name: 'dead_letters_replaying',
    on: `dead_letters (first_at, id) WHERE state = 'replaying'`,
    query: 'What is to be put back next, of all tenants, oldest first.',
  },
];

/** @param {import('node-pg-migrate').MigrationBuilder} pgm */
export function up(pgm) {
  pgm.noTransaction();
  for (const { name, on, query } of indexes) {
    pgm.sql(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`);
    pgm.sql(`CREATE INDEX CONCURRENTLY ${name} ON ${on}`);
    pgm.sql(`COMMENT ON INDEX ${name} IS '${query}'`);
  }
  pgm.sql('ALTER TABLE dead_letters VALIDATE CONSTRAINT dead_letters_state_check');
}

export const down = false;
