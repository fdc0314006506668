// Whose answers a change can turn is looked up by these. Built while writers go on; every step may be run again.

const indexes = [
  [
    'appointments_patient_made',
    'appointments (tenant_id, patient_id, (coalesce(booked_at, created_at)), id)',
    "A patient''s bookings in the order they were made: the first, and the next after one.",
  ],
  [
    'conversations_patient_began',
    'conversations (tenant_id, patient_id, (coalesce(began_at, created_at)), id)',
    "A patient''s conversations in order: the first, and those before a booking; the foreign key.",
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
  // The new one serves all that this one did.
  pgm.sql('DROP INDEX CONCURRENTLY IF EXISTS conversations_patient');
}

export const down = false;
