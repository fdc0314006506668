-- Up Migration
-- The clinic's own system sends its places, people and hours, in any order and more than once: each record has that
-- system's id, and each field the stamp of the event that gave it. A reference to what was not sent yet makes a placeholder.
SET LOCAL lock_timeout = '3s';

ALTER TABLE locations
  ADD COLUMN source text, ADD COLUMN active boolean NOT NULL DEFAULT true,
  ADD COLUMN placeholder boolean NOT NULL DEFAULT false, ADD COLUMN merge_state jsonb NOT NULL DEFAULT '{}';
ALTER TABLE departments
  ADD COLUMN source text, ADD COLUMN external_id text, ADD COLUMN active boolean NOT NULL DEFAULT true;
ALTER TABLE practitioners
  ADD COLUMN source text, ADD COLUMN placeholder boolean NOT NULL DEFAULT false,
  ADD COLUMN merge_state jsonb NOT NULL DEFAULT '{}';
ALTER TABLE practitioner_schedules
  ADD COLUMN source text, ADD COLUMN external_id text, ADD COLUMN merge_state jsonb NOT NULL DEFAULT '{}';
ALTER TABLE appointment_types
  ADD COLUMN source text, ADD COLUMN external_id text, ADD COLUMN active boolean NOT NULL DEFAULT true,
  ADD COLUMN fee_minor bigint CHECK (fee_minor >= 0),
  ADD COLUMN fee_currency text CHECK (fee_currency ~ '^[A-Z]{3}$'),
  ADD CONSTRAINT appointment_types_fee_has_currency CHECK ((fee_minor IS NULL) = (fee_currency IS NULL));
COMMENT ON COLUMN practitioners.placeholder IS 'Known by a reference alone; the practitioner''s own event completes it.';
COMMENT ON COLUMN locations.placeholder IS 'Known by a reference alone; the location''s own event completes it.';
COMMENT ON COLUMN practitioners.merge_state IS 'What each source last said of each field, with its time, rank and event id; joined by mergeStates of the domain.';

CREATE TABLE schedule_exceptions (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  practitioner_id uuid NOT NULL,
  location_id uuid,
  kind text NOT NULL CHECK (kind IN ('closed', 'open')),
  local_date date NOT NULL,
  starts time NOT NULL DEFAULT '00:00',
  ends time NOT NULL DEFAULT '24:00',
  source text,
  external_id text,
  merge_state jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, source, external_id),
  FOREIGN KEY (tenant_id, practitioner_id) REFERENCES practitioners (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, location_id) REFERENCES locations (tenant_id, id),
  CHECK (ends > starts),
  CHECK (kind = 'closed' OR location_id IS NOT NULL)
);
COMMENT ON TABLE schedule_exceptions IS 'One date that differs from the weekly rules, in wall time of the location''s zone: closed (leave, a holiday) or open besides. Without a location: closed at all of them.';
CREATE INDEX schedule_exceptions_date ON schedule_exceptions (tenant_id, practitioner_id, local_date);
COMMENT ON INDEX schedule_exceptions_date IS 'What differs for a practitioner on these dates.';
CREATE INDEX schedule_exceptions_location ON schedule_exceptions (tenant_id, location_id);
COMMENT ON INDEX schedule_exceptions_location IS 'Exceptions at a location; the foreign key.';
CALL secure_tenant_table('schedule_exceptions');

GRANT SELECT, INSERT, UPDATE ON locations, departments, practitioners, appointment_types TO switchboard_sink;
GRANT SELECT, INSERT, UPDATE, DELETE ON practitioner_schedules, schedule_exceptions TO switchboard_sink;
GRANT SELECT ON schedule_exceptions TO switchboard_api;
