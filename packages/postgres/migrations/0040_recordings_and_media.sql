-- Up Migration
-- Recordings and media by their bytes: where a file lies, what it is, and what opens it. What stands in the columns of
-- recordings and media themselves is what the vendor told.
SET LOCAL lock_timeout = '3s';

CREATE TABLE stored_files (
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  id uuid NOT NULL,
  state text NOT NULL DEFAULT 'writing' CHECK (state IN ('writing', 'stored', 'removing')),
  variant text NOT NULL DEFAULT 'original' CHECK (variant IN ('original', 'view', 'thumbnail')),
  original_id uuid,
  key_id text NOT NULL,
  sealed_key bytea NOT NULL,
  content_type text,
  size_bytes bigint,
  sha256 text,
  reading text CHECK (reading IN ('pending', 'done', 'failed')),
  reading_attempts int NOT NULL DEFAULT 0,
  reading_at timestamptz NOT NULL DEFAULT now(),
  peaks smallint[],
  duration_ms bigint,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, original_id) REFERENCES stored_files (tenant_id, id),
  CHECK ((variant = 'original') = (original_id IS NULL)),
  CHECK (state <> 'stored' OR (content_type IS NOT NULL AND size_bytes IS NOT NULL AND sha256 IS NOT NULL))
);
COMMENT ON TABLE stored_files IS 'One row for each object of the store, there before the object and gone after it, so that a crash leaves none that nobody knows.';
COMMENT ON COLUMN stored_files.sealed_key IS 'The file''s own key, sealed by the master key that key_id names.';
COMMENT ON COLUMN stored_files.reading IS 'Whether its peaks, or its thumbnail and view, are made; null: nothing can be made of it.';
COMMENT ON COLUMN stored_files.reading_attempts IS 'Counted before each attempt: a file that ends the process is given up.';
COMMENT ON COLUMN stored_files.peaks IS 'How loud sound is, 0 to 100, in up to 800 equal stretches.';
CREATE UNIQUE INDEX stored_files_content ON stored_files (tenant_id, sha256) WHERE state = 'stored' AND variant = 'original';
COMMENT ON INDEX stored_files_content IS 'The same content of one clinic is kept once.';
CREATE UNIQUE INDEX stored_files_variant ON stored_files (tenant_id, original_id, variant) WHERE state = 'stored' AND original_id IS NOT NULL;
COMMENT ON INDEX stored_files_variant IS 'The thumbnail or view of an image.';
CREATE INDEX stored_files_original ON stored_files (tenant_id, original_id);
COMMENT ON INDEX stored_files_original IS 'All that was made of a file, finished or not; the foreign key.';
CREATE INDEX stored_files_unread ON stored_files (tenant_id, reading_at) WHERE state = 'stored' AND reading = 'pending';
COMMENT ON INDEX stored_files_unread IS 'Files whose peaks or thumbnails are to be made.';
CREATE INDEX stored_files_unfinished ON stored_files (tenant_id, updated_at) WHERE state <> 'stored';
COMMENT ON INDEX stored_files_unfinished IS 'Objects that are to be removed, and what a process died with.';
CALL secure_tenant_table('stored_files');

ALTER TABLE voice_call_recordings
  DROP COLUMN store_key,
  ADD COLUMN file_id uuid, ADD COLUMN failure text, ADD COLUMN claim uuid,
  ADD COLUMN attempts int NOT NULL DEFAULT 0, ADD COLUMN next_attempt_at timestamptz NOT NULL DEFAULT now(),
  ADD CONSTRAINT voice_call_recordings_file FOREIGN KEY (tenant_id, file_id) REFERENCES stored_files (tenant_id, id) NOT VALID,
  ADD CONSTRAINT voice_call_recordings_stored CHECK ((state = 'stored') = (file_id IS NOT NULL)) NOT VALID;
ALTER TABLE message_media
  DROP COLUMN store_key,
  ADD COLUMN file_id uuid, ADD COLUMN failure text, ADD COLUMN claim uuid,
  ADD CONSTRAINT message_media_file FOREIGN KEY (tenant_id, file_id) REFERENCES stored_files (tenant_id, id) NOT VALID,
  ADD CONSTRAINT message_media_stored CHECK ((state = 'stored') = (file_id IS NOT NULL)) NOT VALID;
COMMENT ON COLUMN voice_call_recordings.failure IS 'Why the last attempt to fetch it failed.';
COMMENT ON COLUMN voice_call_recordings.claim IS 'Of the fetch under way; next_attempt_at is when it is given up for dead.';
COMMENT ON COLUMN message_media.failure IS 'Why the last attempt to fetch it failed.';
COMMENT ON COLUMN message_media.claim IS 'Of the fetch under way; next_attempt_at is when it is given up for dead.';

-- A vendor's address may expire before it was fetched, and a later event brings another. Here, so that whoever writes an
-- address need not know how it is fetched.
CREATE FUNCTION fetch_from_new_address() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.state := 'pending';
  NEW.attempts := 0;
  NEW.next_attempt_at := now();
  NEW.claim := NULL;
  NEW.failure := NULL;
  RETURN NEW;
END $$;
CREATE TRIGGER new_address BEFORE UPDATE OF source_url ON voice_call_recordings FOR EACH ROW
  WHEN (OLD.state IN ('pending', 'failed') AND NEW.source_url IS NOT NULL AND NEW.source_url IS DISTINCT FROM OLD.source_url)
  EXECUTE FUNCTION fetch_from_new_address();
CREATE TRIGGER new_address BEFORE UPDATE OF source_url ON message_media FOR EACH ROW
  WHEN (OLD.state IN ('pending', 'failed') AND NEW.source_url IS NOT NULL AND NEW.source_url IS DISTINCT FROM OLD.source_url)
  EXECUTE FUNCTION fetch_from_new_address();

ALTER TABLE tenants ADD COLUMN recording_hosts text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN tenants.recording_hosts IS 'Hosts that recordings and media may be fetched from, with *. all below one; beside those of the installation.';

-- The worker serves all clinics, and forced row security would blind it. Only ids leave; the rest is read clinic by clinic.
CREATE FUNCTION tenants_with_files_due() RETURNS TABLE (tenant_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT t.id FROM tenants t
  WHERE t.status = 'active' AND (
    EXISTS (SELECT FROM voice_call_recordings r WHERE r.tenant_id = t.id AND r.state = 'pending' AND r.source_url IS NOT NULL
      AND r.next_attempt_at <= now())
    OR EXISTS (SELECT FROM message_media m WHERE m.tenant_id = t.id AND m.state = 'pending' AND m.source_url IS NOT NULL
      AND m.next_attempt_at <= now())
    OR EXISTS (SELECT FROM stored_files f WHERE f.tenant_id = t.id AND f.state = 'stored' AND f.reading = 'pending'
      AND f.reading_at <= now()))
$$;
REVOKE ALL ON FUNCTION tenants_with_files_due() FROM PUBLIC;
ALTER FUNCTION tenants_with_files_due() OWNER TO switchboard_definer;
GRANT SELECT ON voice_call_recordings, message_media, stored_files TO switchboard_definer;
GRANT EXECUTE ON FUNCTION tenants_with_files_due() TO switchboard_sink;

GRANT SELECT, INSERT, UPDATE, DELETE ON stored_files TO switchboard_sink;
GRANT SELECT (id, retention_days, recording_hosts) ON tenants TO switchboard_sink;
GRANT SELECT ON stored_files TO switchboard_api;
GRANT UPDATE (recording_hosts) ON tenants TO switchboard_api;
