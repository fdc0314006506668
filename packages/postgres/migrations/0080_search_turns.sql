-- The turns themselves, and not their calls alone: whoever shows what was said would else read each of a call's turns anew.
CREATE FUNCTION search_turns(words text, most int DEFAULT 100) RETURNS TABLE (call_id uuid, turn_index int)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT t.call_id, t.turn_index
  FROM (
    SELECT s.call_id, min(s.turn_index) AS turn_index FROM voice_call_transcripts s
    WHERE s.tenant_id = current_tenant()
      AND to_tsvector('simple', left(s.text, 20000)) @@ websearch_to_tsquery('simple', words)
    GROUP BY s.call_id) t
  JOIN voice_calls c ON c.tenant_id = current_tenant() AND c.id = t.call_id
  ORDER BY c.began_at DESC, c.id
  LIMIT most
$$;
COMMENT ON FUNCTION search_turns IS 'A call''s first turn with these words, newest calls first.';
REVOKE ALL ON FUNCTION search_turns(text, int) FROM PUBLIC;
ALTER FUNCTION search_turns(text, int) OWNER TO switchboard_definer;
GRANT EXECUTE ON FUNCTION search_turns(text, int) TO switchboard_api;
