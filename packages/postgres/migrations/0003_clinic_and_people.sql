-- Up Migration
CREATE TABLE locations (
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  id uuid NOT NULL,
  name text NOT NULL,
  time_zone text NOT NULL,
  external_id text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);
CALL secure_tenant_table('locations');

CREATE TABLE departments (
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  id uuid NOT NULL,
  name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, name)
);
CALL secure_tenant_table('departments');

CREATE TABLE practitioners (
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  id uuid NOT NULL,
  display_name text NOT NULL,
  specialty text,
  department_id uuid,
  active boolean NOT NULL DEFAULT true,
  external_id text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, department_id) REFERENCES departments (tenant_id, id)
);
CREATE INDEX practitioners_department ON practitioners (tenant_id, department_id);
COMMENT ON INDEX practitioners_department IS 'Practitioners of a department; the foreign key.';
CALL secure_tenant_table('practitioners');

CREATE TABLE practitioner_schedules (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  practitioner_id uuid NOT NULL,
  location_id uuid NOT NULL,
  weekday smallint NOT NULL CHECK (weekday BETWEEN 1 AND 7),
  starts time NOT NULL,
  ends time NOT NULL,
  valid_from date NOT NULL DEFAULT '-infinity',
  valid_to date NOT NULL DEFAULT 'infinity',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, practitioner_id) REFERENCES practitioners (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, location_id) REFERENCES locations (tenant_id, id)
);
COMMENT ON TABLE practitioner_schedules IS 'Weekly rules in the wall time of the location''s zone; ends before starts: past midnight.';
CREATE INDEX practitioner_schedules_practitioner ON practitioner_schedules (tenant_id, practitioner_id, weekday);
COMMENT ON INDEX practitioner_schedules_practitioner IS 'The rules of a practitioner on a weekday.';
CREATE INDEX practitioner_schedules_location ON practitioner_schedules (tenant_id, location_id);
COMMENT ON INDEX practitioner_schedules_location IS 'Who works at a location; the foreign key.';
CALL secure_tenant_table('practitioner_schedules');

CREATE TABLE appointment_types (
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  id uuid NOT NULL,
  name text NOT NULL,
  duration_minutes int NOT NULL CHECK (duration_minutes > 0),
  buffer_before_minutes int NOT NULL DEFAULT 0 CHECK (buffer_before_minutes >= 0),
  buffer_after_minutes int NOT NULL DEFAULT 0 CHECK (buffer_after_minutes >= 0),
  lead_time_minutes int NOT NULL DEFAULT 0 CHECK (lead_time_minutes >= 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, name)
);
CALL secure_tenant_table('appointment_types');

CREATE TABLE patients (
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  id uuid NOT NULL,
  first_name text,
  last_name text,
  date_of_birth date,
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'merged')),
  merged_into uuid,
  origin text NOT NULL CHECK (origin IN ('voice', 'whatsapp', 'desk', 'clinic_system', 'import')),
  origin_call_id uuid,
  name_call_id uuid,
  external_id text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, merged_into) REFERENCES patients (tenant_id, id),
  CHECK ((status = 'merged') = (merged_into IS NOT NULL))
);
COMMENT ON COLUMN patients.origin_call_id IS 'The call that made this patient: while no other record knows the patient, what that call says about it still decides.';
COMMENT ON COLUMN patients.name_call_id IS 'The call that gave name and birth date: what that call''s later events say replaces them.';
CREATE INDEX patients_name_call ON patients (tenant_id, name_call_id) WHERE name_call_id IS NOT NULL;
COMMENT ON INDEX patients_name_call IS 'The patients a call named, when the call''s events change it.';
CREATE INDEX patients_origin_call ON patients (tenant_id, origin_call_id) WHERE origin_call_id IS NOT NULL;
COMMENT ON INDEX patients_origin_call IS 'The patient that a call made, when the call''s events change it.';
CREATE INDEX patients_merged_into ON patients (tenant_id, merged_into) WHERE merged_into IS NOT NULL;
COMMENT ON INDEX patients_merged_into IS 'Patients merged into one; the foreign key.';
CALL secure_tenant_table('patients');

CREATE TABLE patient_identifiers (
  tenant_id uuid NOT NULL,
  patient_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('phone', 'email', 'mrn')),
  value text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, patient_id, kind, value),
  FOREIGN KEY (tenant_id, patient_id) REFERENCES patients (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE patient_identifiers IS 'Phones in E.164; many patients may share one.';
CREATE INDEX patient_identifiers_value ON patient_identifiers (tenant_id, kind, value);
COMMENT ON INDEX patient_identifiers_value IS 'Who has this phone, this record number.';
CALL secure_tenant_table('patient_identifiers');

CREATE TABLE match_decisions (
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  entity_kind text NOT NULL CHECK (entity_kind IN ('voice_call', 'conversation')),
  entity_id uuid NOT NULL,
  decision text NOT NULL CHECK (decision IN ('link', 'new', 'review')),
  patient_id uuid,
  score real,
  breakdown jsonb NOT NULL DEFAULT '{}',
  model_version text NOT NULL,
  decided_by uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, entity_kind, entity_id),
  FOREIGN KEY (tenant_id, patient_id) REFERENCES patients (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON COLUMN match_decisions.decided_by IS 'The user who decided; null: automatic, and a later event of the entity may decide anew.';
COMMENT ON COLUMN match_decisions.breakdown IS 'Field to its contribution; for a review the candidates'' ids and scores. No values.';
CREATE INDEX match_decisions_patient ON match_decisions (tenant_id, patient_id);
COMMENT ON INDEX match_decisions_patient IS 'What was linked to a patient; the foreign key.';
CREATE INDEX match_decisions_open ON match_decisions (tenant_id, created_at) WHERE decision = 'review';
COMMENT ON INDEX match_decisions_open IS 'Open reviews, oldest first.';
CALL secure_tenant_table('match_decisions');
