-- Up Migration
CREATE TABLE conversations (
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  id uuid NOT NULL,
  channel text NOT NULL CHECK (channel IN ('voice', 'whatsapp')),
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'pending', 'snoozed', 'resolved')),
  patient_id uuid,
  contact_phone text,
  last_inbound_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, patient_id) REFERENCES patients (tenant_id, id)
);
CREATE INDEX conversations_patient ON conversations (tenant_id, patient_id) WHERE patient_id IS NOT NULL;
COMMENT ON INDEX conversations_patient IS 'Conversations of a patient; the foreign key.';
CALL secure_tenant_table('conversations');

CREATE TABLE voice_calls (
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  id uuid NOT NULL,
  source text NOT NULL,
  external_id text NOT NULL,
  direction text NOT NULL CHECK (direction IN ('inbound', 'outbound')),
  status text,
  from_number text,
  to_number text,
  contact_phone text,
  contact_name text,
  contact_date_of_birth date,
  started_at timestamptz,
  answered_at timestamptz,
  ended_at timestamptz,
  duration_seconds double precision,
  end_reason text,
  language text,
  agent_id text,
  agent_name text,
  agent_version text,
  transferred_to text,
  cost_minor double precision,
  cost_currency text,
  outcome text,
  summary text,
  audio_score double precision,
  transcription_confidence double precision,
  latency_ms_p50 double precision,
  latency_ms_p95 double precision,
  interruptions int,
  silence_seconds double precision,
  transcript_language text,
  transcript_engine text,
  caller_turns int NOT NULL DEFAULT 0,
  intent text,
  intent_confidence double precision,
  sentiment text,
  sentiment_score double precision,
  analyzed_at timestamptz,
  patient_id uuid,
  original_patient_id uuid,
  conversation_id uuid,
  vendor_extraction jsonb,
  metadata jsonb,
  extra jsonb,
  merge_state jsonb NOT NULL,
  began_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, source, external_id),
  FOREIGN KEY (tenant_id, patient_id) REFERENCES patients (tenant_id, id),
  FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id)
);
COMMENT ON COLUMN voice_calls.merge_state IS 'Field to the stamp [event-type rank, time in ms or null, event id] of the event whose value it holds: events may come in any order and more than once.';
COMMENT ON COLUMN voice_calls.began_at IS 'started_at; where no event said it, the earliest time any event did.';
COMMENT ON COLUMN voice_calls.analyzed_at IS 'When the event was received whose transcript the extraction was made from.';
COMMENT ON COLUMN voice_calls.original_patient_id IS 'The patient before merges, so that an unmerge restores it.';
CREATE INDEX voice_calls_began ON voice_calls (tenant_id, began_at DESC, id);
COMMENT ON INDEX voice_calls_began IS 'The call list, newest first.';
CREATE INDEX voice_calls_contact ON voice_calls (tenant_id, contact_phone, began_at) WHERE contact_phone IS NOT NULL;
COMMENT ON INDEX voice_calls_contact IS 'A caller''s calls before and after one: repeats within 7 days, call-backs within 24 h.';
CREATE INDEX voice_calls_patient ON voice_calls (tenant_id, patient_id, began_at DESC) WHERE patient_id IS NOT NULL;
COMMENT ON INDEX voice_calls_patient IS 'A patient''s calls; the foreign key.';
CREATE INDEX voice_calls_status ON voice_calls (tenant_id, status, began_at DESC);
COMMENT ON INDEX voice_calls_status IS 'The call list by status; calls in progress now.';
CREATE INDEX voice_calls_intent ON voice_calls (tenant_id, intent, began_at DESC);
COMMENT ON INDEX voice_calls_intent IS 'The call list by intent.';
CREATE INDEX voice_calls_outcome ON voice_calls (tenant_id, outcome, began_at DESC);
COMMENT ON INDEX voice_calls_outcome IS 'The call list by outcome.';
CREATE INDEX voice_calls_conversation ON voice_calls (tenant_id, conversation_id);
COMMENT ON INDEX voice_calls_conversation IS 'The call of a conversation; the foreign key.';
CALL secure_tenant_table('voice_calls');

CREATE TABLE voice_call_transcripts (
  tenant_id uuid NOT NULL,
  call_id uuid NOT NULL,
  turn_index int NOT NULL,
  speaker text NOT NULL,
  text text NOT NULL,
  start_ms bigint,
  end_ms bigint,
  confidence double precision,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, call_id, turn_index),
  FOREIGN KEY (tenant_id, call_id) REFERENCES voice_calls (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX voice_call_transcripts_text ON voice_call_transcripts USING gin (to_tsvector('simple', left(text, 20000)));
COMMENT ON INDEX voice_call_transcripts_text IS 'Calls in which these words were said (search_calls).';
CALL secure_tenant_table('voice_call_transcripts');

CREATE TABLE voice_call_recordings (
  tenant_id uuid NOT NULL,
  call_id uuid NOT NULL,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'stored', 'failed', 'expired')),
  source_url text,
  store_key text,
  format text,
  duration_seconds double precision,
  size_bytes bigint,
  sha256 text,
  channels smallint,
  expires_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, call_id),
  FOREIGN KEY (tenant_id, call_id) REFERENCES voice_calls (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX voice_call_recordings_pending ON voice_call_recordings (tenant_id, created_at) WHERE state = 'pending';
COMMENT ON INDEX voice_call_recordings_pending IS 'Recordings whose audio is still with the vendor.';
CALL secure_tenant_table('voice_call_recordings');

CREATE TABLE voice_call_extractions (
  tenant_id uuid NOT NULL,
  call_id uuid NOT NULL,
  extractor_version text NOT NULL,
  event_id uuid NOT NULL,
  intent text,
  intent_confidence double precision,
  sentiment text,
  sentiment_score double precision,
  required_fields int NOT NULL,
  filled_fields int NOT NULL,
  entities jsonb NOT NULL,
  redactions jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, call_id),
  FOREIGN KEY (tenant_id, call_id) REFERENCES voice_calls (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON COLUMN voice_call_extractions.entities IS '[{name, value, normalised, turn, start, end, confidence}], of one name the last state last.';
COMMENT ON COLUMN voice_call_extractions.redactions IS '[{turn, start, end, kind}]: what an analyst must not see.';
CALL secure_tenant_table('voice_call_extractions');

CREATE TABLE voice_tool_calls (
  tenant_id uuid NOT NULL,
  call_id uuid NOT NULL,
  position int NOT NULL,
  vendor_id text,
  name text NOT NULL,
  requested_at timestamptz,
  responded_at timestamptz,
  ok boolean,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, call_id, position),
  FOREIGN KEY (tenant_id, call_id) REFERENCES voice_calls (tenant_id, id) ON DELETE CASCADE
);
CALL secure_tenant_table('voice_tool_calls');
