-- Up Migration
-- Dead letters can be put back and given up: each replay has an id of its own, so that a letter that comes again tells
-- whether this replay failed or an old failure is told twice.
SET LOCAL lock_timeout = '3s';

ALTER TABLE dead_letters
  DROP CONSTRAINT dead_letters_state_check,
  ADD CONSTRAINT dead_letters_state_check CHECK (state IN ('open', 'replaying', 'replayed', 'discarded')) NOT VALID,
  ADD COLUMN people uuid[] NOT NULL DEFAULT '{}',
  ADD COLUMN replay_id uuid,
  ADD COLUMN replays int NOT NULL DEFAULT 0,
  ADD COLUMN replay_tries int NOT NULL DEFAULT 0,
  ADD COLUMN replay_due_at timestamptz,
  ADD COLUMN replayed_at timestamptz,
  ADD COLUMN discarded_at timestamptz,
  ADD COLUMN discard_reason text;
COMMENT ON COLUMN dead_letters.people IS 'Pseudonyms of the phone numbers in the original.';
COMMENT ON COLUMN dead_letters.replay_id IS 'Of the last replay that was asked for. What fails under it opens the letter again.';
COMMENT ON COLUMN dead_letters.replay_tries IS 'How often the last replay was begun by a process.';
COMMENT ON COLUMN dead_letters.replay_due_at IS 'While it is being replayed: when another process may take it over.';

-- A dead letter may name no tenant, which no policy can match. One whose replay failed is open again, with the newest reason;
-- one that was given up stays so.
CREATE OR REPLACE FUNCTION store_dead_letter(letter jsonb, sealed_bytes bytea) RETURNS void
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO dead_letters AS d (id, tenant_id, stage, reason, detail, source, topic, event_id, call_id, message_key, schema_id,
    content_type, sealed, attempts, first_at, last_at, replay_id, people)
  SELECT l.id, l.tenant_id, l.stage, l.reason, l.detail, l.source, l.topic, l.event_id, l.call_id, l.message_key, l.schema_id,
    l.content_type, sealed_bytes, l.attempts, l.first_at, l.last_at, l.replay_id, coalesce(l.people, '{}')
  FROM jsonb_to_record(letter) AS l (id uuid, tenant_id uuid, stage text, reason text, detail text, source text, topic text,
    event_id uuid, call_id text, message_key text, schema_id int, content_type text, attempts int, first_at timestamptz,
    last_at timestamptz, replay_id uuid, people uuid[])
  ON CONFLICT (id) DO UPDATE SET
    (state, reason, detail, attempts) = (
      SELECT CASE WHEN n.replay_failed OR n.failed_anew THEN 'open' ELSE d.state END,
        CASE WHEN n.replay_failed THEN excluded.reason ELSE d.reason END,
        CASE WHEN n.replay_failed THEN excluded.detail ELSE d.detail END,
        CASE WHEN n.replay_failed THEN d.attempts + 1 ELSE greatest(d.attempts, excluded.attempts) END
      FROM (SELECT
        d.state IN ('replaying', 'replayed') AND excluded.replay_id IS NOT NULL AND excluded.replay_id = d.replay_id AS replay_failed,
        d.state = 'replayed' AND excluded.replay_id IS NULL AND excluded.last_at > d.last_at AS failed_anew) AS n),
    first_at = least(d.first_at, excluded.first_at),
    last_at = greatest(d.last_at, excluded.last_at)
$$;

-- What is to be put back now, of all clinics and of none: through ingest what never was on a topic, else on its topic. What a
-- process takes and does not end is another's to take, later each time. Oldest first, so that the events of one key keep
-- their order.
CREATE FUNCTION claim_replays(through_ingest boolean, most int, most_bytes bigint, lease_ms int)
  RETURNS TABLE (id uuid, replay_id uuid, tenant_id uuid, stage text, source text, topic text, event_id uuid, message_key text,
    content_type text, sealed bytea, first_at timestamptz)
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH due AS (
    SELECT d.id, d.first_at, octet_length(d.sealed) AS bytes FROM dead_letters d
    WHERE d.state = 'replaying' AND d.replay_due_at <= now() AND (d.topic IS NULL) = through_ingest
    ORDER BY d.first_at, d.id LIMIT most FOR UPDATE SKIP LOCKED
  ), fitting AS (
    SELECT s.id FROM (SELECT due.id, sum(due.bytes) OVER (ORDER BY due.first_at, due.id) - due.bytes AS before FROM due) AS s
    WHERE s.before < most_bytes
  )
  UPDATE dead_letters d SET replay_tries = d.replay_tries + 1,
    replay_due_at = now() + make_interval(secs => lease_ms / 1000.0 * 2 ^ least(d.replay_tries, 5))
  FROM fitting f WHERE d.id = f.id
  RETURNING d.id, d.replay_id, d.tenant_id, d.stage, d.source, d.topic, d.event_id, d.message_key, d.content_type, d.sealed,
    d.first_at
$$;

-- Only what ingest itself set aside is ingest's to read.
CREATE FUNCTION claim_ingest_replays(most int, most_bytes bigint, lease_ms int)
  RETURNS TABLE (id uuid, replay_id uuid, tenant_id uuid, stage text, source text, topic text, event_id uuid, message_key text,
    content_type text, sealed bytea, first_at timestamptz)
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT * FROM claim_replays(true, most, most_bytes, lease_ms)
$$;

-- Nothing changes where the replay was asked for anew meanwhile, or is known to have failed already.
CREATE FUNCTION end_replays(ids uuid[], replay_ids uuid[]) RETURNS void
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE dead_letters d SET state = 'replayed', replayed_at = now()
  FROM unnest(ids, replay_ids) AS e (id, replay_id)
  WHERE d.id = e.id AND d.replay_id = e.replay_id AND d.state = 'replaying'
$$;

CREATE FUNCTION fail_replay(failed uuid, failed_replay uuid, new_reason text, new_detail text) RETURNS void
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE dead_letters d SET state = 'open', attempts = d.attempts + 1, last_at = now(), reason = coalesce(new_reason, d.reason),
    detail = new_detail
  WHERE d.id = failed AND d.replay_id = failed_replay AND d.state = 'replaying'
$$;

-- Whose dead letters there are, for an operator, who then reads clinic by clinic: some name a clinic that is none.
CREATE FUNCTION dead_letter_tenants() RETURNS TABLE (tenant_id uuid, slug text, state text, letters bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT d.tenant_id, t.slug, d.state, count(*) FROM dead_letters d LEFT JOIN tenants t ON t.id = d.tenant_id GROUP BY 1, 2, 3
$$;

DO $$
DECLARE f regprocedure;
BEGIN
  FOREACH f IN ARRAY ARRAY['claim_replays(boolean, int, bigint, int)'::regprocedure, 'claim_ingest_replays(int, bigint, int)',
    'end_replays(uuid[], uuid[])', 'fail_replay(uuid, uuid, text, text)', 'dead_letter_tenants()']
  LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
    EXECUTE format('ALTER FUNCTION %s OWNER TO switchboard_definer', f);
  END LOOP;
END $$;

GRANT EXECUTE ON FUNCTION claim_replays(boolean, int, bigint, int), end_replays(uuid[], uuid[]),
  fail_replay(uuid, uuid, text, text), dead_letter_tenants() TO switchboard_sink;
GRANT EXECUTE ON FUNCTION claim_ingest_replays(int, bigint, int), end_replays(uuid[], uuid[]),
  fail_replay(uuid, uuid, text, text) TO switchboard_ingest;

-- The operator's command sees what belongs to no clinic, when it works for none.
CREATE POLICY of_no_tenant ON dead_letters TO switchboard_sink USING (tenant_id IS NULL AND current_tenant() IS NULL);
GRANT SELECT ON dead_letters TO switchboard_sink;
GRANT UPDATE (state, sealed, replay_id, replays, replay_tries, replay_due_at, discarded_at, discard_reason) ON dead_letters
  TO switchboard_sink;
GRANT UPDATE (state, replay_id, replays, replay_tries, replay_due_at, discarded_at, discard_reason) ON dead_letters
  TO switchboard_api;
