// What the clinic's system told of a patient, by its own number of the patient. Built while writers go on; every step may be run
// again.

/** @param {import('node-pg-migrate').MigrationBuilder} pgm */
export function up(pgm) {
  pgm.noTransaction();
  pgm.sql('DROP INDEX CONCURRENTLY IF EXISTS record_states_patient');
  pgm.sql(`CREATE INDEX CONCURRENTLY record_states_patient ON record_states
    USING gin (jsonb_path_query_array(state, '$.fields.patient_external_id.*.value'))
    WHERE kind IN ('appointment', 'journey', 'message')`);
  pgm.sql(
    "COMMENT ON INDEX record_states_patient IS 'What was said of a patient by the clinic system''s own number (records_naming): erasure of a patient.'",
  );
}

export const down = false;
