-- Up Migration
-- A journey is a plan of steps for one patient, as the clinic's system tells it. Overdue is no state: it is decided from
-- due_at when somebody asks.
-- A foreign key locks the table it leads to, too.
SET LOCAL lock_timeout = '3s';

CREATE TABLE journeys (
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  id uuid NOT NULL,
  patient_id uuid,
  original_patient_id uuid,
  practitioner_id uuid,
  department_id uuid,
  journey_type text NOT NULL,
  stage text,
  status text NOT NULL CHECK (status IN ('active', 'paused', 'completed', 'canceled')),
  started_at timestamptz,
  ended_at timestamptz,
  pauses int NOT NULL DEFAULT 0 CHECK (pauses >= 0),
  resumes int NOT NULL DEFAULT 0 CHECK (resumes >= 0),
  source text,
  external_id text,
  placeholder boolean NOT NULL DEFAULT false,
  entered_in_error boolean NOT NULL DEFAULT false,
  merge_state jsonb NOT NULL DEFAULT '{}',
  version int NOT NULL DEFAULT 1 CHECK (version > 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, source, external_id),
  FOREIGN KEY (tenant_id, patient_id) REFERENCES patients (tenant_id, id),
  FOREIGN KEY (tenant_id, practitioner_id) REFERENCES practitioners (tenant_id, id),
  FOREIGN KEY (tenant_id, department_id) REFERENCES departments (tenant_id, id)
);
COMMENT ON COLUMN journeys.original_patient_id IS 'The patient before merges, so that an unmerge restores it.';
COMMENT ON COLUMN journeys.merge_state IS 'What each source last said of each field, with its time, rank and event id; joined by mergeStates of the domain.';
CREATE INDEX journeys_patient ON journeys (tenant_id, patient_id, started_at);
COMMENT ON INDEX journeys_patient IS 'A patient''s journeys; the foreign key.';
CREATE INDEX journeys_original_patient ON journeys (tenant_id, original_patient_id) WHERE original_patient_id IS NOT NULL;
COMMENT ON INDEX journeys_original_patient IS 'What an unmerge gives back.';
CREATE INDEX journeys_status ON journeys (tenant_id, status, started_at DESC);
COMMENT ON INDEX journeys_status IS 'Journeys in a state, newest first.';
CREATE INDEX journeys_practitioner ON journeys (tenant_id, practitioner_id);
COMMENT ON INDEX journeys_practitioner IS 'Journeys with a practitioner; the foreign key.';
CREATE INDEX journeys_department ON journeys (tenant_id, department_id);
COMMENT ON INDEX journeys_department IS 'Journeys of a department; the foreign key.';
CALL secure_tenant_table('journeys');

CREATE TABLE journey_steps (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  journey_id uuid NOT NULL,
  name text NOT NULL,
  position int,
  stage text,
  due_at timestamptz,
  completed_at timestamptz,
  appointment_id uuid,
  source text,
  external_id text,
  placeholder boolean NOT NULL DEFAULT false,
  merge_state jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, source, external_id),
  FOREIGN KEY (tenant_id, journey_id) REFERENCES journeys (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, appointment_id) REFERENCES appointments (tenant_id, id) ON DELETE SET NULL (appointment_id)
);
CREATE INDEX journey_steps_journey ON journey_steps (tenant_id, journey_id, position);
COMMENT ON INDEX journey_steps_journey IS 'The steps of a journey in order; the foreign key.';
CREATE INDEX journey_steps_due ON journey_steps (tenant_id, due_at) WHERE completed_at IS NULL;
COMMENT ON INDEX journey_steps_due IS 'Open steps by when they are due: overdue ones.';
CREATE INDEX journey_steps_appointment ON journey_steps (tenant_id, appointment_id);
COMMENT ON INDEX journey_steps_appointment IS 'The step that an appointment is for; the foreign key.';
CALL secure_tenant_table('journey_steps');

GRANT SELECT, INSERT, UPDATE ON journeys, journey_steps TO switchboard_sink;
GRANT SELECT ON journeys, journey_steps TO switchboard_api;
-- A merge gives a patient's records to another.
GRANT UPDATE (patient_id, original_patient_id) ON journeys TO switchboard_api;
