// Under row-level security a computed bound reaches an index only if nothing in it could tell of other tenants' rows, which the
// planner believes of CASE and not of coalesce: a patient's bookings and conversations after an instant were found by going
// through all of them. Built while writers go on; every step may be run again.

const begun = '(CASE WHEN began_at IS NULL THEN created_at ELSE began_at END)';
const indexes = [
  [
    'appointments_patient_made',
    'appointments (tenant_id, patient_id, (CASE WHEN booked_at IS NULL THEN least(created_at, starts_at) ELSE booked_at END), id)',
    "A patient''s bookings in the order they were made: the first, and the next after one.",
  ],
  [
    'conversations_patient_begun',
    `conversations (tenant_id, patient_id, ${begun}, id)`,
    "A patient''s conversations in order: the first, and those before a booking; the foreign key.",
  ],
  [
    'conversations_patient_channel',
    `conversations (tenant_id, patient_id, channel, ${begun})`,
    'Whether a patient was in touch by another channel before; the next conversation by the same one.',
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
  for (const old of ['appointments_patient_booked', 'conversations_patient_began'])
    pgm.sql(`DROP INDEX CONCURRENTLY IF EXISTS ${old}`);
}

export const down = false;
