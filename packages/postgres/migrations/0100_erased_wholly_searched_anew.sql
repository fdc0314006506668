-- Up Migration
-- What an erasure leaves of a caller whose number could not be read, and of the tools' uses; and which dead letters were searched for
-- whose they are by which rules: those that an older release searched are searched anew.
SET LOCAL lock_timeout = '3s';

-- What was emptied before, and is emptied no more by itself. Forced row-level security would hide the rows from the owner.
GRANT UPDATE (from_number, to_number) ON voice_calls TO switchboard_definer;
GRANT SELECT, UPDATE (use_key) ON voice_tool_uses TO switchboard_definer;
SET LOCAL ROLE switchboard_definer;
UPDATE voice_calls SET from_number = CASE direction WHEN 'inbound' THEN NULL ELSE from_number END,
  to_number = CASE direction WHEN 'inbound' THEN to_number ELSE NULL END
WHERE contact_phone IS NULL AND emptied && '{caller,number}'
  AND CASE direction WHEN 'inbound' THEN from_number ELSE to_number END IS NOT NULL;
UPDATE voice_tool_uses SET use_key = tool || ':' || id
WHERE NOT starts_with(use_key, tool || ':') AND answer ->> 'spoken' = '';
SET LOCAL ROLE switchboard_migrate;
REVOKE UPDATE (from_number, to_number) ON voice_calls FROM switchboard_definer;
REVOKE SELECT, UPDATE (use_key) ON voice_tool_uses FROM switchboard_definer;

GRANT UPDATE (use_key) ON voice_tool_uses TO switchboard_sink;
COMMENT ON COLUMN voice_tool_uses.use_key IS 'The tool and the vendor''s id of the use, or a keyed hash of what was asked: a repeat gets the kept answer. Once that is emptied, an id that nobody repeats in place of the hash.';

-- What an older release stores or searches says no version, also while it runs beside a newer one.
ALTER TABLE dead_letters ADD COLUMN search_version smallint NOT NULL DEFAULT 1;
COMMENT ON COLUMN dead_letters.search_version IS 'By which rules the original was searched for whose it is, where it was (searches_left). 1: numbers that stand as texts alone; what could not be read counted as nobody''s.';
GRANT UPDATE (search_version) ON dead_letters TO switchboard_sink;

-- As in 0099, with the version of the search.
CREATE OR REPLACE FUNCTION store_dead_letter(letter jsonb, sealed_bytes bytea) RETURNS void
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO dead_letters AS d (id, tenant_id, stage, reason, detail, source, topic, event_id, call_id, message_key, schema_id,
    content_type, sealed, attempts, first_at, last_at, replay_id, people, searches_left, search_version)
  SELECT l.id, l.tenant_id, l.stage, l.reason, l.detail, l.source, l.topic, l.event_id, l.call_id, l.message_key, l.schema_id,
    l.content_type, sealed_bytes, l.attempts, l.first_at, l.last_at, l.replay_id, coalesce(l.people, '{}'),
    CASE WHEN l.searched THEN NULL ELSE 3 END, coalesce(l.search_version, 1)
  FROM jsonb_to_record(letter) AS l (id uuid, tenant_id uuid, stage text, reason text, detail text, source text, topic text,
    event_id uuid, call_id text, message_key text, schema_id int, content_type text, attempts int, first_at timestamptz,
    last_at timestamptz, replay_id uuid, people uuid[], searched boolean, search_version smallint)
  ON CONFLICT (id) DO UPDATE SET
    (state, reason, detail, attempts, sealed) = (
      SELECT CASE WHEN n.replay_failed OR n.failed_anew THEN 'open' ELSE d.state END,
        CASE WHEN n.replay_failed THEN excluded.reason ELSE d.reason END,
        CASE WHEN n.replay_failed THEN excluded.detail ELSE d.detail END,
        CASE WHEN n.replay_failed THEN d.attempts + 1 ELSE greatest(d.attempts, excluded.attempts) END,
        CASE WHEN octet_length(d.sealed) = 0 AND (n.replay_failed OR n.failed_anew) THEN excluded.sealed ELSE d.sealed END
      FROM (SELECT
        d.state IN ('replaying', 'replayed') AND excluded.replay_id IS NOT NULL AND excluded.replay_id = d.replay_id AS replay_failed,
        d.state = 'replayed' AND excluded.replay_id IS NULL AND excluded.last_at > d.last_at AS failed_anew) AS n),
    (people, searches_left, search_version) = (
      SELECT CASE WHEN n.learnt OR n.killed THEN excluded.people ELSE d.people END,
        CASE WHEN n.learnt THEN NULL ELSE d.searches_left END,
        CASE WHEN n.learnt THEN excluded.search_version ELSE d.search_version END
      FROM (SELECT excluded.searches_left IS NULL AND d.people <@ '{00000000-0000-0000-0000-000000000000}' AS learnt,
        d.searches_left IS NOT NULL AND d.people = '{}' AND excluded.people = '{00000000-0000-0000-0000-000000000000}' AS killed) AS n),
    first_at = least(d.first_at, excluded.first_at),
    last_at = greatest(d.last_at, excluded.last_at)
$$;
