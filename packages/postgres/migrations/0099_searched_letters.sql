-- Up Migration
-- Which dead letters nobody knows whose they are is known: those of nobody are told apart from those that were not searched,
-- and one whose search ends the process is searched no more.
SET LOCAL lock_timeout = '3s';

-- What an older release stores, and has stored, says nothing of a search, and is searched by upkeep.
ALTER TABLE dead_letters ADD COLUMN searches_left smallint DEFAULT 3;
COMMENT ON COLUMN dead_letters.searches_left IS 'How many more times the original may be searched for whose it is: each search that begins takes one. Null: it was searched.';
GRANT UPDATE (searches_left) ON dead_letters TO switchboard_sink;

-- As in 0067. A letter that was not searched before is of whom its repeat says.
CREATE OR REPLACE FUNCTION store_dead_letter(letter jsonb, sealed_bytes bytea) RETURNS void
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO dead_letters AS d (id, tenant_id, stage, reason, detail, source, topic, event_id, call_id, message_key, schema_id,
    content_type, sealed, attempts, first_at, last_at, replay_id, people, searches_left)
  SELECT l.id, l.tenant_id, l.stage, l.reason, l.detail, l.source, l.topic, l.event_id, l.call_id, l.message_key, l.schema_id,
    l.content_type, sealed_bytes, l.attempts, l.first_at, l.last_at, l.replay_id, coalesce(l.people, '{}'),
    CASE WHEN l.searched THEN NULL ELSE 3 END
  FROM jsonb_to_record(letter) AS l (id uuid, tenant_id uuid, stage text, reason text, detail text, source text, topic text,
    event_id uuid, call_id text, message_key text, schema_id int, content_type text, attempts int, first_at timestamptz,
    last_at timestamptz, replay_id uuid, people uuid[], searched boolean)
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
    (people, searches_left) = (
      SELECT CASE WHEN n.learnt OR n.killed THEN excluded.people ELSE d.people END,
        CASE WHEN n.learnt THEN NULL ELSE d.searches_left END
      FROM (SELECT excluded.searches_left IS NULL AND d.people <@ '{00000000-0000-0000-0000-000000000000}' AS learnt,
        d.searches_left IS NOT NULL AND d.people = '{}' AND excluded.people = '{00000000-0000-0000-0000-000000000000}' AS killed) AS n),
    first_at = least(d.first_at, excluded.first_at),
    last_at = greatest(d.last_at, excluded.last_at)
$$;
