// What 0028 needs and takes long or locks a busy table, each step by itself and such that it may be run again.

const indexes = [
  [
    'patients_name_parts',
    "patients USING gin ((coalesce(first_name, '') || ' ' || coalesce(last_name, '')) gin_trgm_ops)",
    'Patients by a part of their name (search_patients_by_name).',
  ],
  [
    'patient_identifiers_digits',
    "patient_identifiers USING gin (value gin_trgm_ops) WHERE kind = 'phone'",
    'Patients by some digits of a phone (search_patients_by_phone).',
  ],
  ['audit_log_time', 'audit_log (tenant_id, at DESC, id DESC)', 'The audit log, newest first.'],
  [
    'audit_log_actor',
    'audit_log (tenant_id, actor_id, at DESC, id DESC)',
    'What somebody did, newest first.',
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
  pgm.sql("SET lock_timeout = '3s'");
  pgm.sql(
    'CREATE OR REPLACE TRIGGER appointments_written BEFORE INSERT OR UPDATE ON appointments FOR EACH ROW EXECUTE FUNCTION mark_appointment_written()',
  );
  pgm.sql('RESET lock_timeout');
  pgm.sql('ALTER TABLE match_decisions VALIDATE CONSTRAINT match_decisions_decision_check');
}

export const down = false;
