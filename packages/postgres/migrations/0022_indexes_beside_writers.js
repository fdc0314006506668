// What takes long on a table with rows stands here, outside a transaction: indexes are built, and constraints checked, while
// writers go on. Every step may be run again after a crash between any two; an index left half made is made anew.

const indexes = [
  [
    'locations_external',
    'UNIQUE INDEX',
    'locations (tenant_id, source, external_id) WHERE external_id IS NOT NULL',
    "The location that the clinic''s system names.",
  ],
  [
    'departments_external',
    'UNIQUE INDEX',
    'departments (tenant_id, source, external_id) WHERE external_id IS NOT NULL',
    "The department that the clinic''s system names.",
  ],
  [
    'practitioners_external',
    'UNIQUE INDEX',
    'practitioners (tenant_id, source, external_id) WHERE external_id IS NOT NULL',
    "The practitioner that the clinic''s system names.",
  ],
  [
    'practitioner_schedules_external',
    'UNIQUE INDEX',
    'practitioner_schedules (tenant_id, source, external_id) WHERE external_id IS NOT NULL',
    "The rule that the clinic''s system names.",
  ],
  [
    'appointment_types_external',
    'UNIQUE INDEX',
    'appointment_types (tenant_id, source, external_id) WHERE external_id IS NOT NULL',
    "The type that the clinic''s system names.",
  ],
  [
    'patients_external',
    'UNIQUE INDEX',
    'patients (tenant_id, source, external_id) WHERE external_id IS NOT NULL',
    "The patient that the clinic''s system names.",
  ],
  [
    'patients_born',
    'INDEX',
    'patients (tenant_id, date_of_birth) WHERE date_of_birth IS NOT NULL',
    'Patients by birth date, as the front desk asks.',
  ],
  [
    'conversations_external',
    'UNIQUE INDEX',
    'conversations (tenant_id, source, external_id) WHERE external_id IS NOT NULL',
    'The conversation that its source names.',
  ],
  [
    'conversations_inbox',
    'INDEX',
    'conversations (tenant_id, state, last_message_at DESC, id)',
    'The inbox: conversations in a state, newest message first.',
  ],
  [
    'conversations_assignee_index',
    'INDEX',
    'conversations (tenant_id, assignee_id, state)',
    'What somebody has to answer; the foreign key.',
  ],
  [
    'conversations_contact',
    'INDEX',
    'conversations (tenant_id, channel, contact_phone) WHERE contact_phone IS NOT NULL',
    'The conversation that a message belongs to.',
  ],
  [
    'conversations_original_patient',
    'INDEX',
    'conversations (tenant_id, original_patient_id) WHERE original_patient_id IS NOT NULL',
    'What an unmerge gives back.',
  ],
  [
    'voice_calls_original_patient',
    'INDEX',
    'voice_calls (tenant_id, original_patient_id) WHERE original_patient_id IS NOT NULL',
    'What an unmerge gives back.',
  ],
];

/** @param {import('node-pg-migrate').MigrationBuilder} pgm */
export function up(pgm) {
  pgm.noTransaction();
  for (const [name, kind, columns, query] of indexes) {
    pgm.sql(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`);
    pgm.sql(`CREATE ${kind} CONCURRENTLY ${name} ON ${columns}`);
    pgm.sql(`COMMENT ON INDEX ${name} IS '${query}'`);
  }
  pgm.sql('ALTER TABLE match_decisions VALIDATE CONSTRAINT match_decisions_entity_kind_check');
  pgm.sql('ALTER TABLE conversations VALIDATE CONSTRAINT conversations_assignee');
}

export const down = false;
