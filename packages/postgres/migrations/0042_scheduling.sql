-- Up Migration
-- Booking while a call goes on: what the voice agent's tools answered, so that a repeat gets the same answer and nothing is
-- done twice; who the caller proved to be; and what decides whether a slot is free besides the practitioner's hours.
SET LOCAL lock_timeout = '3s';

ALTER TABLE locations ADD COLUMN rooms int CHECK (rooms > 0);
COMMENT ON COLUMN locations.rooms IS 'Most visits there at one time; null: as many as there are practitioners.';

ALTER TABLE appointments ADD COLUMN cancel_reason text;
COMMENT ON COLUMN appointments.cancel_reason IS 'Why it was cancelled, as told; reason is why the patient comes.';

CREATE TABLE clinic_holidays (
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  id uuid NOT NULL,
  local_date date NOT NULL,
  location_id uuid,
  name text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, location_id) REFERENCES locations (tenant_id, id)
);
COMMENT ON TABLE clinic_holidays IS 'Dates on which nobody works; without a location: nowhere.';
CREATE INDEX clinic_holidays_date ON clinic_holidays (tenant_id, local_date);
COMMENT ON INDEX clinic_holidays_date IS 'Holidays among these dates.';
CREATE INDEX clinic_holidays_location ON clinic_holidays (tenant_id, location_id);
COMMENT ON INDEX clinic_holidays_location IS 'Holidays of a location; the foreign key.';
CALL secure_tenant_table('clinic_holidays');

CREATE TABLE voice_tool_uses (
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  id uuid NOT NULL,
  tool text NOT NULL,
  call_ref text,
  use_key text,
  ok boolean NOT NULL,
  code text NOT NULL,
  latency_ms int NOT NULL,
  answer jsonb,
  appointment_id uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, appointment_id) REFERENCES appointments (tenant_id, id) ON DELETE SET NULL (appointment_id)
);
COMMENT ON TABLE voice_tool_uses IS 'Each use of a tool by the voice agent. voice_tool_calls is what the vendor tells of them later.';
COMMENT ON COLUMN voice_tool_uses.call_ref IS 'The vendor''s id of the call: its row may not be there yet.';
COMMENT ON COLUMN voice_tool_uses.use_key IS 'The vendor''s id of the use, or a hash of what was asked: a repeat gets the kept answer.';
COMMENT ON COLUMN voice_tool_uses.answer IS 'Of what changes something alone.';
CREATE UNIQUE INDEX voice_tool_uses_key ON voice_tool_uses (tenant_id, call_ref, use_key) WHERE use_key IS NOT NULL;
COMMENT ON INDEX voice_tool_uses_key IS 'The answer that a repeat gets; each use once.';
CREATE INDEX voice_tool_uses_booked ON voice_tool_uses (tenant_id, call_ref) WHERE appointment_id IS NOT NULL;
COMMENT ON INDEX voice_tool_uses_booked IS 'What a call''s tools booked or changed, when the call''s events come.';
CREATE INDEX voice_tool_uses_appointment ON voice_tool_uses (tenant_id, appointment_id);
COMMENT ON INDEX voice_tool_uses_appointment IS 'The tools'' uses on an appointment; the foreign key.';
CALL secure_tenant_table('voice_tool_uses');

CREATE TABLE voice_tool_callers (
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  call_ref text NOT NULL,
  phone text NOT NULL,
  tries int NOT NULL DEFAULT 0,
  patient_ids uuid[] NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, call_ref, phone)
);
COMMENT ON TABLE voice_tool_callers IS 'Who a caller proved to be by birth date, and how often somebody tried, per call and phone.';
COMMENT ON COLUMN voice_tool_callers.tries IS 'Tries that proved nobody, and those under way.';
CALL secure_tenant_table('voice_tool_callers');

ALTER TABLE booking_requests
  ADD COLUMN reason text,
  ADD COLUMN taken_by uuid,
  ADD COLUMN taken_at timestamptz;
COMMENT ON COLUMN booking_requests.reason IS 'Why nobody could book at once, as a code.';
COMMENT ON COLUMN booking_requests.taken_by IS 'The user who looks after it.';

GRANT SELECT ON clinic_holidays, voice_tool_uses TO switchboard_sink;
GRANT SELECT ON clinic_holidays TO switchboard_api;
GRANT SELECT, INSERT, UPDATE ON voice_tool_uses, voice_tool_callers TO switchboard_api;
