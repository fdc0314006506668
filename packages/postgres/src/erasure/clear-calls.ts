import { endFiles } from '../media/old-files.ts';
import type { Client, Queryable } from '../pool.ts';
import type { StandIn } from './stand-ins.ts';

/** What is emptied of calls, each by itself: what was said, who called, from which number, and the recording. */
export const callParts = ['texts', 'caller', 'number', 'recording'] as const;

export type CallPart = (typeof callParts)[number];

/** Empties what was said in calls: transcripts, what was found in them, summaries, and what the tools answered. */
export async function clearCallTexts(
  client: Queryable,
  tenantId: string,
  ids: readonly string[],
): Promise<void> {
  const key = [tenantId, ids];
  await client.query(
    'DELETE FROM voice_call_transcripts WHERE tenant_id = $1 AND call_id = ANY ($2::uuid[])',
    key,
  );
  await client.query(
    `UPDATE voice_call_extractions SET entities = '[]', redactions = '[]'
     WHERE tenant_id = $1 AND call_id = ANY ($2::uuid[]) AND (entities <> '[]' OR redactions <> '[]')`,
    key,
  );
  await client.query(
    `UPDATE voice_calls SET summary = NULL, metadata = NULL, extra = NULL, vendor_extraction = vendor_extraction || '{"entities": null}'
     WHERE tenant_id = $1 AND id = ANY ($2::uuid[])
       AND (summary IS NOT NULL OR metadata IS NOT NULL OR extra IS NOT NULL OR vendor_extraction ->> 'entities' IS NOT NULL)`,
    key,
  );
  await client.query(
    `UPDATE voice_tool_uses u SET ${emptyUse} FROM voice_calls v
     WHERE v.tenant_id = $1 AND v.id = ANY ($2::uuid[]) AND u.tenant_id = $1 AND u.call_ref = v.external_id AND ${useTells}`,
    key,
  );
}

const emptyAnswer = `jsonb_build_object('ok', u.ok, 'code', u.code, 'spoken', '')`;

/** The key of a use that has no id of its own is a hash of what was asked: the vendor's ids follow the tool's name. */
const isHashed = `NOT starts_with(u.use_key, u.tool || ':')`;

/** Whether a use `u` of a tool tells of who asked. */
export const useTells = `(u.answer <> ${emptyAnswer} OR u.asked_for IS NOT NULL OR ${isHashed})`;

/** What is left of it: a repeat by its id is still no second booking. */
export const emptyUse = `answer = ${emptyAnswer}, asked_for = NULL,
  use_key = CASE WHEN ${isHashed} THEN u.tool || ':' || u.id ELSE u.use_key END`;

/**
 * Empties who called: names, birth dates, the numbers that have a stand-in, which takes their place, and what was written in
 * place of a number and is none: by that no callers are told apart. The caller states the calls and their conversations anew.
 * @returns those of the calls in which there was something, and their conversations
 */
export async function clearCallers(
  client: Queryable,
  tenantId: string,
  ids: readonly string[],
  standIns: readonly StandIn[],
): Promise<{ calls: string[]; conversations: string[] }> {
  const { rows } = await client.query<{ id: string; conversation_id: string | null }>(
    `UPDATE voice_calls v SET contact_name = NULL, contact_date_of_birth = NULL,
       contact_phone = coalesce(n.stand_in, v.contact_phone),
       from_number = CASE WHEN v.direction = 'inbound' AND ${isCleared} THEN NULL ELSE v.from_number END,
       to_number = CASE WHEN v.direction = 'outbound' AND ${isCleared} THEN NULL ELSE v.to_number END,
       -- That a call was handed over is counted, to whom is not.
       transferred_to = CASE WHEN v.transferred_to IS NOT NULL THEN 'erased' END
     FROM voice_calls c LEFT JOIN unnest($3::text[], $4::text[]) AS n (phone, stand_in) ON n.phone = c.contact_phone
     WHERE c.tenant_id = $1 AND c.id = ANY ($2::uuid[]) AND v.tenant_id = $1 AND v.id = c.id
       AND (n.phone IS NOT NULL OR v.contact_name IS NOT NULL OR v.contact_date_of_birth IS NOT NULL OR v.transferred_to <> 'erased'
         OR (c.contact_phone IS NULL AND CASE v.direction WHEN 'inbound' THEN v.from_number ELSE v.to_number END IS NOT NULL))
     RETURNING v.id, v.conversation_id`,
    [tenantId, ids, standIns.map(({ phone }) => phone), standIns.map(({ standIn }) => standIn)],
  );
  await client.query(
    `DELETE FROM voice_tool_callers t USING voice_calls v
     WHERE v.tenant_id = $1 AND v.id = ANY ($2::uuid[]) AND t.tenant_id = $1 AND t.call_ref = v.external_id`,
    [tenantId, ids],
  );
  return {
    calls: rows.map(({ id }) => id),
    conversations: rows.flatMap((row) => row.conversation_id ?? []),
  };
}

/** What the contact's number was written as goes where it has a stand-in, and where it could not be read as a number. */
const isCleared = '(n.phone IS NOT NULL OR c.contact_phone IS NULL)';

/** Ends recordings, kept or not yet fetched; their objects are removed by whoever tidies files. */
export function clearRecordings(client: Client, tenantId: string, ids: readonly string[]): Promise<void> {
  return endFiles(client, tenantId, 'recording', ids);
}

/** Of these calls no later event fills these parts again. */
export async function markEmptied(
  client: Queryable,
  tenantId: string,
  ids: readonly string[],
  parts: readonly CallPart[],
): Promise<void> {
  await client.query(
    `UPDATE voice_calls SET emptied = ARRAY (SELECT DISTINCT unnest(emptied || $3::text[]) ORDER BY 1)
     WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) AND NOT emptied @> $3::text[]`,
    [tenantId, ids, parts],
  );
}
