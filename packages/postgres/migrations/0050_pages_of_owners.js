// An owner's records in the order in which the upkeep goes through them. Built while writers go on; every step may be run again.

const indexes = [
  [
    'appointments_type_starts',
    'appointments (tenant_id, appointment_type_id, starts_at)',
    'Appointments of a type, page by page; the foreign key.',
    'appointments_type',
  ],
  [
    'journeys_practitioner_made',
    'journeys (tenant_id, practitioner_id, created_at)',
    'Journeys with a practitioner, page by page; the foreign key.',
    'journeys_practitioner',
  ],
];

/** @param {import('node-pg-migrate').MigrationBuilder} pgm */
export function up(pgm) {
  pgm.noTransaction();
  for (const [name, columns, query, before] of indexes) {
    pgm.sql(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`);
    pgm.sql(`CREATE INDEX CONCURRENTLY ${name} ON ${columns}`);
    pgm.sql(`COMMENT ON INDEX ${name} IS '${query}'`);
    // The new one serves all that this one did.
    pgm.sql(`DROP INDEX CONCURRENTLY IF EXISTS ${before}`);
  }
}

export const down = false;
