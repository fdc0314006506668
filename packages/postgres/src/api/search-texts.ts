import type { Queryable } from '../pool.ts';

/** Marks the words found in a highlighted text: characters for private use, which no text of ours has. */
export const [matchBegins, matchEnds] = ['\uE000', '\uE001'] as const;

/** A text in which the words were found, with what is to be masked in it for readers without PHI. */
export interface TextHit {
  /** The call, or the message. */
  id: string;
  conversation_id: string | null;
  at: Date;
  /** Of a call. */
  turn_index: number | null;
  speaker: string;
  text: string;
  /** What the analysis marked; null: nothing was analysed yet. */
  redactions: { start: number; end: number; kind: string }[] | null;
  /** Of the contact and the patient. */
  names: (string | null)[];
}

/** Turns in which these words were said, a call's first one, newest calls first. */
export async function findTurns(
  db: Queryable,
  tenantId: string,
  words: string,
  most: number,
): Promise<TextHit[]> {
  const { rows } = await db.query<TextHit>(
    `SELECT c.id, c.conversation_id, c.began_at AS at, t.turn_index, t.speaker, t.text,
       (SELECT coalesce(jsonb_agg(s), '[]') FROM jsonb_array_elements(x.redactions) s
        WHERE x.call_id IS NOT NULL AND (s ->> 'turn')::int = t.turn_index) AS redactions, x.call_id IS NULL AS bare,
       ARRAY[c.contact_name, p.first_name, p.last_name] AS names
     FROM search_turns($2, $3) s
     JOIN voice_calls c ON c.tenant_id = $1 AND c.id = s.call_id
     JOIN voice_call_transcripts t ON t.tenant_id = $1 AND t.call_id = c.id AND t.turn_index = s.turn_index
     LEFT JOIN voice_call_extractions x ON x.tenant_id = $1 AND x.call_id = c.id
     LEFT JOIN patients p ON p.tenant_id = $1 AND p.id = c.patient_id
     ORDER BY c.began_at DESC, c.id`,
    [tenantId, words, most],
  );
  return rows.map(withoutBare);
}

/** Messages with these words, newest first. */
export async function findMessages(
  db: Queryable,
  tenantId: string,
  words: string,
  most: number,
): Promise<TextHit[]> {
  const { rows } = await db.query<TextHit>(
    `SELECT m.id, m.conversation_id, m.sent_at AS at, NULL::int AS turn_index, m.sender_kind AS speaker, m.body AS text,
       m.redactions, m.extractor_version IS NULL AS bare, ARRAY[v.contact_name, p.first_name, p.last_name] AS names
     FROM search_messages($2, $3) s
     JOIN conversation_messages m ON m.tenant_id = $1 AND m.id = s.message_id
     JOIN conversations v ON v.tenant_id = $1 AND v.id = m.conversation_id
     LEFT JOIN patients p ON p.tenant_id = $1 AND p.id = v.patient_id
     WHERE NOT m.entered_in_error
     ORDER BY m.sent_at DESC, m.id`,
    [tenantId, words, most],
  );
  return rows.map(withoutBare);
}

/**
 * A part of each text with the words marked by {@link matchBegins} and {@link matchEnds}; null where the words are not
 * in it, as when they were masked. Tags of markup are left out.
 */
export async function highlight(
  db: Queryable,
  words: string,
  texts: readonly string[],
): Promise<(string | null)[]> {
  if (texts.length === 0) return [];
  const { rows } = await db.query<{ headline: string | null }>(
    `SELECT CASE WHEN to_tsvector('simple', left(t.text, 20000)) @@ q THEN ts_headline('simple', left(t.text, 20000), q, $3) END AS headline
     FROM unnest($1::text[]) WITH ORDINALITY AS t (text, place), websearch_to_tsquery('simple', $2) AS q ORDER BY t.place`,
    [
      texts.map((text) => text.replaceAll(/[\uE000\uE001]/g, '')),
      words,
      `StartSel=${matchBegins}, StopSel=${matchEnds}, MaxWords=50, MinWords=25, ShortWord=0`,
    ],
  );
  return rows.map(({ headline }) => headline);
}

function withoutBare(row: TextHit & { bare?: boolean }): TextHit {
  const { bare, ...hit } = row;
  return { ...hit, redactions: bare ? null : (hit.redactions ?? []) };
}
