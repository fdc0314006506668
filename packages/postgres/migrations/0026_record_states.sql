-- Up Migration
-- What the clinic's system says of a record is kept in one place, under that system's own id of it, whatever rows it makes:
-- one, several (a schedule's rules), or none yet (an appointment of which only the cancellation was told).
-- A foreign key locks the table it leads to, too.
SET LOCAL lock_timeout = '3s';

CREATE TABLE record_states (
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('patient', 'practitioner', 'location', 'appointment_type', 'schedule', 'appointment',
    'journey', 'step', 'message')),
  numbering text NOT NULL,
  external_id text NOT NULL,
  entity_id uuid NOT NULL,
  state jsonb NOT NULL,
  awaits uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, kind, numbering, external_id)
);
COMMENT ON TABLE record_states IS 'What each source last said of each field of a record, with its time, rank and event id; joined by mergeStates of the domain.';
COMMENT ON COLUMN record_states.numbering IS 'Whose ids these are: clinic, or an origin that numbers by itself (tenants.own_numberings).';
COMMENT ON COLUMN record_states.entity_id IS 'Our id of it, in the table of its kind once there is a row.';
COMMENT ON COLUMN record_states.awaits IS 'The appointment that a step names and that has no row yet.';
CREATE INDEX record_states_entity ON record_states (tenant_id, entity_id);
COMMENT ON INDEX record_states_entity IS 'What was said of a row: erasure of a patient.';
CREATE INDEX record_states_awaits ON record_states (tenant_id, awaits) WHERE awaits IS NOT NULL;
COMMENT ON INDEX record_states_awaits IS 'What is to be completed by an appointment that now has a row.';
CALL secure_tenant_table('record_states');

ALTER TABLE patients ADD COLUMN active boolean NOT NULL DEFAULT true, ADD COLUMN deceased boolean, DROP COLUMN merge_state;
COMMENT ON COLUMN patients.active IS 'False: the clinic''s system says that this is no patient any more.';
ALTER TABLE patient_identifiers DROP CONSTRAINT patient_identifiers_kind_check;
ALTER TABLE patient_identifiers ADD CONSTRAINT patient_identifiers_kind_check
  CHECK (kind ~ '^[a-z0-9][a-z0-9._:/-]{0,63}$') NOT VALID;
COMMENT ON COLUMN patient_identifiers.kind IS 'phone, email, or what gives such numbers: mrn, abha, …';

ALTER TABLE locations DROP COLUMN merge_state;
ALTER TABLE practitioners DROP COLUMN merge_state;
-- Two departments may each have a "Consultation", which the clinic's system tells apart by id.
ALTER TABLE appointment_types DROP CONSTRAINT appointment_types_tenant_id_name_key;
CREATE UNIQUE INDEX appointment_types_name ON appointment_types (tenant_id, name) WHERE external_id IS NULL;
COMMENT ON INDEX appointment_types_name IS 'The type of this name, where no clinic system numbers it.';

-- A schedule is one record of the clinic's system, and many rules.
ALTER TABLE practitioner_schedules DROP COLUMN merge_state, ADD COLUMN schedule_id uuid;
ALTER TABLE schedule_exceptions DROP COLUMN merge_state, ADD COLUMN schedule_id uuid;
COMMENT ON COLUMN practitioner_schedules.schedule_id IS 'The clinic system''s schedule that this rule is of; it replaces all its rules at once.';
COMMENT ON COLUMN schedule_exceptions.schedule_id IS 'The clinic system''s schedule that this exception is of.';
CREATE INDEX practitioner_schedules_schedule ON practitioner_schedules (tenant_id, schedule_id) WHERE schedule_id IS NOT NULL;
COMMENT ON INDEX practitioner_schedules_schedule IS 'The rules of a schedule that is told anew.';
CREATE INDEX schedule_exceptions_schedule ON schedule_exceptions (tenant_id, schedule_id) WHERE schedule_id IS NOT NULL;
COMMENT ON INDEX schedule_exceptions_schedule IS 'The exceptions of a schedule that is told anew.';

ALTER TABLE appointments DROP COLUMN merge_state,
  ADD COLUMN IF NOT EXISTS fee_minor bigint, ADD COLUMN IF NOT EXISTS fee_currency text,
  ADD CONSTRAINT appointments_fee_has_currency CHECK ((fee_minor IS NULL) = (fee_currency IS NULL)) NOT VALID;

ALTER TABLE journeys DROP COLUMN merge_state;
-- The ids of steps are unique in their journey alone.
ALTER TABLE journey_steps DROP COLUMN merge_state, ADD COLUMN IF NOT EXISTS step_type text,
  DROP CONSTRAINT journey_steps_tenant_id_source_external_id_key,
  ADD UNIQUE (tenant_id, journey_id, external_id);

ALTER TABLE conversations ADD COLUMN IF NOT EXISTS began_at timestamptz, DROP CONSTRAINT conversations_channel_check;
ALTER TABLE conversations ADD CONSTRAINT conversations_channel_check
  CHECK (channel IN ('voice', 'whatsapp', 'sms', 'email')) NOT VALID;

GRANT SELECT, INSERT, UPDATE ON record_states TO switchboard_sink;
