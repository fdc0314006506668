// Files often tell of appointments and not when they were booked. Such a one counts as booked on no day; among a patient's others
// it stands no later than it began. Built while writers go on; every step may be run again.

/** @param {import('node-pg-migrate').MigrationBuilder} pgm */
export function up(pgm) {
  pgm.noTransaction();
  pgm.sql("SET lock_timeout = '3s'");
  pgm.sql(
    'ALTER TABLE appointments ADD COLUMN IF NOT EXISTS booking_time_unknown boolean NOT NULL DEFAULT false',
  );
  pgm.sql(
    "COMMENT ON COLUMN appointments.booking_time_unknown IS 'Files alone tell of it, and none says when it was booked: counted as booked on no day.'",
  );
  pgm.sql('RESET lock_timeout');
  pgm.sql('DROP INDEX CONCURRENTLY IF EXISTS appointments_patient_booked');
  pgm.sql(`CREATE INDEX CONCURRENTLY appointments_patient_booked
    ON appointments (tenant_id, patient_id, (coalesce(booked_at, least(created_at, starts_at))), id)`);
  pgm.sql(
    "COMMENT ON INDEX appointments_patient_booked IS 'A patient''s bookings in the order they were made: the first, and the next after one.'",
  );
  pgm.sql('DROP INDEX CONCURRENTLY IF EXISTS appointments_patient_made');
}

export const down = false;
