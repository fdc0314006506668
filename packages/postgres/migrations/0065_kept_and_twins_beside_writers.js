// Journeys and patients by when something was last heard of them, for retention; and appointments that are another one. Built while writers go on; every step may be
// run again.

const indexes = [
  [
    'journeys_begun',
    'journeys (tenant_id, (coalesce(started_at, created_at)), id)',
    'Journeys of a time, oldest first; retention by age.',
  ],
  [
    'patients_updated',
    'patients (tenant_id, updated_at, id) WHERE erased_at IS NULL AND merged_into IS NULL',
    'Patients of whom nothing was told for long; retention by age.',
  ],
  [
    'appointments_twins',
    'appointments (tenant_id, twin_of) WHERE twin_of IS NOT NULL',
    'Appointments that are another one, when that one changes hands.',
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
}

export const down = false;
