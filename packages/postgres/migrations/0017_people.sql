-- Up Migration
-- Patients as the clinic's system knows them; merges that can be undone; matches that a person decides.
SET LOCAL lock_timeout = '3s';

ALTER TABLE patients
  ADD COLUMN source text, ADD COLUMN placeholder boolean NOT NULL DEFAULT false,
  ADD COLUMN test_data boolean NOT NULL DEFAULT false, ADD COLUMN language text,
  ADD COLUMN merge_state jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN patients.placeholder IS 'Known by a reference alone; the patient''s own event completes it.';
COMMENT ON COLUMN patients.test_data IS 'No number counts this patient''s records.';
COMMENT ON COLUMN patients.merge_state IS 'What each source last said of each field, with its time, rank and event id; joined by mergeStates of the domain.';

CREATE TABLE patient_merges (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  survivor_id uuid NOT NULL,
  absorbed_id uuid NOT NULL,
  merged_by uuid,
  merged_at timestamptz NOT NULL DEFAULT now(),
  event_id uuid,
  unmerged_by uuid,
  unmerged_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, survivor_id) REFERENCES patients (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, absorbed_id) REFERENCES patients (tenant_id, id) ON DELETE CASCADE,
  CHECK (survivor_id <> absorbed_id),
  CHECK (unmerged_by IS NULL OR unmerged_at IS NOT NULL)
);
COMMENT ON COLUMN patient_merges.merged_by IS 'The user; null: an event of the clinic''s system (event_id).';
CREATE UNIQUE INDEX patient_merges_in_force ON patient_merges (tenant_id, absorbed_id) WHERE unmerged_at IS NULL;
COMMENT ON INDEX patient_merges_in_force IS 'The merge to undo; a patient is absorbed by one other at most.';
CREATE INDEX patient_merges_survivor ON patient_merges (tenant_id, survivor_id);
COMMENT ON INDEX patient_merges_survivor IS 'Who was merged into this patient; the foreign key.';
CREATE INDEX patient_merges_absorbed ON patient_merges (tenant_id, absorbed_id);
COMMENT ON INDEX patient_merges_absorbed IS 'All merges of a patient, undone ones too; the foreign key.';
CALL secure_tenant_table('patient_merges');

-- Checked for rows to come now, and for those that are there in 0022, under a lock that holds up no writer.
ALTER TABLE match_decisions DROP CONSTRAINT match_decisions_entity_kind_check;
ALTER TABLE match_decisions ADD CONSTRAINT match_decisions_entity_kind_check
  CHECK (entity_kind IN ('voice_call', 'conversation', 'appointment', 'patient')) NOT VALID;

CREATE TABLE match_reviews (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  entity_kind text NOT NULL,
  entity_id uuid NOT NULL,
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'linked', 'new', 'rejected', 'obsolete')),
  candidates jsonb NOT NULL,
  patient_id uuid,
  decided_by uuid,
  decided_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, entity_kind, entity_id) REFERENCES match_decisions (tenant_id, entity_kind, entity_id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, patient_id) REFERENCES patients (tenant_id, id) ON DELETE CASCADE,
  CHECK ((state = 'open') = (decided_at IS NULL)),
  CHECK ((state = 'linked') <= (patient_id IS NOT NULL))
);
COMMENT ON COLUMN match_reviews.candidates IS '[{patient_id, score, breakdown}], best first; fields'' contributions, no values.';
CREATE UNIQUE INDEX match_reviews_of_entity ON match_reviews (tenant_id, entity_kind, entity_id) WHERE state = 'open';
COMMENT ON INDEX match_reviews_of_entity IS 'The open review of a record: one at most.';
CREATE INDEX match_reviews_entity ON match_reviews (tenant_id, entity_kind, entity_id);
COMMENT ON INDEX match_reviews_entity IS 'All reviews of a record; the foreign key.';
CREATE INDEX match_reviews_open ON match_reviews (tenant_id, created_at) WHERE state = 'open';
COMMENT ON INDEX match_reviews_open IS 'Open reviews, oldest first.';
CREATE INDEX match_reviews_patient ON match_reviews (tenant_id, patient_id);
COMMENT ON INDEX match_reviews_patient IS 'Reviews that ended at a patient; the foreign key.';
CALL secure_tenant_table('match_reviews');

GRANT SELECT, INSERT, UPDATE ON patient_merges, match_reviews TO switchboard_sink, switchboard_api;
GRANT INSERT, UPDATE ON patients TO switchboard_api;
GRANT INSERT, UPDATE, DELETE ON patient_identifiers TO switchboard_api;
GRANT INSERT, UPDATE ON match_decisions TO switchboard_api;
