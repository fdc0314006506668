-- Up Migration
-- What is booked here never overlaps: the database refuses it, whoever writes and however many at once. What the clinic's
-- system says is stored even where it overlaps, as a conflict, which the constraint lets alone.
-- A foreign key locks the table it leads to, too.
SET LOCAL lock_timeout = '3s';

CREATE TABLE appointments (
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  id uuid NOT NULL,
  patient_id uuid,
  original_patient_id uuid,
  practitioner_id uuid,
  location_id uuid,
  appointment_type_id uuid,
  status text NOT NULL CHECK (status IN ('held', 'scheduled', 'confirmed', 'checked_in', 'completed', 'cancelled', 'no_show')),
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  buffer_before_minutes int NOT NULL DEFAULT 0 CHECK (buffer_before_minutes >= 0),
  buffer_after_minutes int NOT NULL DEFAULT 0 CHECK (buffer_after_minutes >= 0),
  during tstzrange NOT NULL,
  conflict boolean NOT NULL DEFAULT false,
  hold_expires_at timestamptz,
  moves int NOT NULL DEFAULT 0 CHECK (moves >= 0),
  reason text,
  cancelled_by text CHECK (cancelled_by IN ('patient', 'clinic')),
  booked_at timestamptz,
  confirmed_at timestamptz,
  checked_in_at timestamptz,
  completed_at timestamptz,
  cancelled_at timestamptz,
  confirmation_code text,
  channel text NOT NULL CHECK (channel IN ('voice', 'whatsapp', 'web', 'desk', 'import')),
  call_id uuid,
  tool_call_id text,
  conversation_id uuid,
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
  FOREIGN KEY (tenant_id, location_id) REFERENCES locations (tenant_id, id),
  FOREIGN KEY (tenant_id, appointment_type_id) REFERENCES appointment_types (tenant_id, id),
  FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id),
  CHECK (ends_at > starts_at),
  CHECK ((status = 'held') = (hold_expires_at IS NOT NULL)),
  CONSTRAINT appointments_no_double_booking EXCLUDE USING gist (tenant_id WITH =, practitioner_id WITH =, during WITH &&)
    WHERE (status IN ('held', 'scheduled', 'confirmed', 'checked_in') AND NOT conflict AND NOT entered_in_error)
);
COMMENT ON COLUMN appointments.during IS 'Start to end with the buffers; set by a trigger, whatever is written.';
COMMENT ON COLUMN appointments.conflict IS 'Told by the clinic''s system though it overlaps another; judged again when either changes.';
COMMENT ON COLUMN appointments.call_id IS 'The call it was booked in. No foreign key: a tool books while the call goes on, before the call''s row is there.';
COMMENT ON COLUMN appointments.channel IS 'Where it was booked; source and external_id are the clinic system''s name and id, once it knows the appointment.';
COMMENT ON COLUMN appointments.original_patient_id IS 'The patient before merges, so that an unmerge restores it.';
COMMENT ON COLUMN appointments.merge_state IS 'What each source last said of each field, with its time, rank and event id; joined by mergeStates of the domain.';

CREATE FUNCTION set_appointment_range() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.during := CASE WHEN NEW.ends_at > NEW.starts_at THEN tstzrange(
    NEW.starts_at - make_interval(mins => NEW.buffer_before_minutes), NEW.ends_at + make_interval(mins => NEW.buffer_after_minutes))
    ELSE 'empty' END;
  RETURN NEW;
END $$;
CREATE TRIGGER appointments_range BEFORE INSERT OR UPDATE ON appointments FOR EACH ROW EXECUTE FUNCTION set_appointment_range();

CREATE INDEX appointments_starts ON appointments (tenant_id, starts_at, id);
COMMENT ON INDEX appointments_starts IS 'The appointments of a period.';
CREATE INDEX appointments_practitioner ON appointments (tenant_id, practitioner_id, starts_at);
COMMENT ON INDEX appointments_practitioner IS 'A practitioner''s day; the foreign key.';
CREATE INDEX appointments_patient ON appointments (tenant_id, patient_id, starts_at);
COMMENT ON INDEX appointments_patient IS 'A patient''s appointments; the foreign key.';
CREATE INDEX appointments_original_patient ON appointments (tenant_id, original_patient_id) WHERE original_patient_id IS NOT NULL;
COMMENT ON INDEX appointments_original_patient IS 'What an unmerge gives back.';
CREATE INDEX appointments_location ON appointments (tenant_id, location_id, starts_at);
COMMENT ON INDEX appointments_location IS 'A location''s day; the foreign key.';
CREATE INDEX appointments_type ON appointments (tenant_id, appointment_type_id);
COMMENT ON INDEX appointments_type IS 'Appointments of a type; the foreign key.';
CREATE INDEX appointments_conversation ON appointments (tenant_id, conversation_id);
COMMENT ON INDEX appointments_conversation IS 'What was booked in a conversation; the foreign key.';
CREATE UNIQUE INDEX appointments_tool_call ON appointments (tenant_id, call_id, tool_call_id) WHERE call_id IS NOT NULL;
COMMENT ON INDEX appointments_tool_call IS 'What a call booked; the same tool call once.';
CREATE UNIQUE INDEX appointments_code ON appointments (tenant_id, confirmation_code) WHERE confirmation_code IS NOT NULL;
COMMENT ON INDEX appointments_code IS 'The appointment that a confirmation code names.';
CREATE INDEX appointments_updated ON appointments (tenant_id, updated_at, id);
COMMENT ON INDEX appointments_updated IS 'What changed since (GET /appointments?updated_since=).';
CREATE INDEX appointments_holds ON appointments (tenant_id, hold_expires_at) WHERE status = 'held';
COMMENT ON INDEX appointments_holds IS 'Holds that are over, removed before a booking.';
CREATE INDEX appointments_conflicts ON appointments (tenant_id, practitioner_id, starts_at) WHERE conflict;
COMMENT ON INDEX appointments_conflicts IS 'Conflicts of a practitioner, to be judged again; double bookings.';
CALL secure_tenant_table('appointments');

CREATE TABLE appointment_history (
  tenant_id uuid NOT NULL,
  appointment_id uuid NOT NULL,
  version int NOT NULL,
  change text NOT NULL CHECK (change IN ('held', 'booked', 'confirmed', 'moved', 'checked_in', 'completed', 'cancelled', 'no_show', 'corrected')),
  occurred_at timestamptz NOT NULL,
  actor_kind text NOT NULL CHECK (actor_kind IN ('user', 'api_key', 'voice_agent', 'clinic_system', 'system')),
  actor_id text,
  event_id uuid,
  status text NOT NULL,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  practitioner_id uuid,
  location_id uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, appointment_id, version),
  FOREIGN KEY (tenant_id, appointment_id) REFERENCES appointments (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE appointment_history IS 'What an appointment was after each of its versions.';
CALL secure_tenant_table('appointment_history');

CREATE TABLE booking_requests (
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('book', 'reschedule', 'cancel', 'callback')),
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'fulfilled', 'dismissed')),
  channel text NOT NULL CHECK (channel IN ('voice', 'whatsapp', 'web', 'desk', 'import')),
  patient_id uuid,
  original_patient_id uuid,
  call_id uuid,
  conversation_id uuid,
  appointment_id uuid,
  wanted jsonb NOT NULL DEFAULT '{}',
  closed_by uuid,
  closed_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, patient_id) REFERENCES patients (tenant_id, id),
  FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id),
  FOREIGN KEY (tenant_id, appointment_id) REFERENCES appointments (tenant_id, id) ON DELETE SET NULL (appointment_id),
  CHECK ((state = 'open') = (closed_at IS NULL))
);
COMMENT ON TABLE booking_requests IS 'What a patient asked for and nobody could book at once; staff close it.';
CREATE INDEX booking_requests_open ON booking_requests (tenant_id, created_at) WHERE state = 'open';
COMMENT ON INDEX booking_requests_open IS 'Open requests, oldest first.';
CREATE INDEX booking_requests_patient ON booking_requests (tenant_id, patient_id);
COMMENT ON INDEX booking_requests_patient IS 'A patient''s requests; the foreign key.';
CREATE INDEX booking_requests_conversation ON booking_requests (tenant_id, conversation_id);
COMMENT ON INDEX booking_requests_conversation IS 'Requests of a conversation; the foreign key.';
CREATE INDEX booking_requests_appointment ON booking_requests (tenant_id, appointment_id);
COMMENT ON INDEX booking_requests_appointment IS 'The request that an appointment fulfilled; the foreign key.';
CREATE INDEX booking_requests_call ON booking_requests (tenant_id, call_id) WHERE call_id IS NOT NULL;
COMMENT ON INDEX booking_requests_call IS 'What a call asked for.';
CALL secure_tenant_table('booking_requests');

-- Holds that are over are removed, hence DELETE; history is added to alone.
GRANT SELECT, INSERT, UPDATE, DELETE ON appointments TO switchboard_sink, switchboard_api;
GRANT SELECT, INSERT ON appointment_history TO switchboard_sink, switchboard_api;
GRANT SELECT, INSERT, UPDATE ON booking_requests TO switchboard_sink, switchboard_api;
