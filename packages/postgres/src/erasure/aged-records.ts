import { conversationChannels } from '../conversation-channels.ts';
import type { Client, Queryable } from '../pool.ts';
import { clearCallTexts } from './clear-calls.ts';
import { clearMessageTexts } from './clear-messages.ts';
import { clearAppointmentTexts, clearJourneyTexts, clearRequests } from './clear-visits.ts';

/** What is emptied by age; recordings and media end by their own date. */
export const agedKinds = [
  'transcripts',
  'messages',
  'calls',
  'appointments',
  'journeys',
  'requests',
] as const;

export type AgedKind = (typeof agedKinds)[number];

/** Where a page ended. */
export interface AgedPlace {
  at: string;
  id: string;
}

/** Of the query below; joined it would cost a sort of all that is old for each page. */
const since = '(SELECT at FROM kept)';

/** By which time of their rows `r`, under which name in `tenants.retention_days`, and unless what happened since. */
const tables: Record<AgedKind, { table: string; at: string; days: string; unless?: string }> = {
  transcripts: { table: 'voice_calls', at: 'r.began_at', days: 'transcripts' },
  messages: { table: 'conversation_messages', at: 'r.sent_at', days: 'messages' },
  calls: { table: 'voice_calls', at: 'r.began_at', days: 'calls' },
  appointments: { table: 'appointments', at: 'r.starts_at', days: 'appointments' },
  // One that goes on is not old, however long ago it began.
  journeys: {
    table: 'journeys',
    at: 'coalesce(r.started_at, r.created_at)',
    days: 'journeys',
    unless: `r.ended_at >= ${since} OR EXISTS (SELECT FROM journey_steps s WHERE s.tenant_id = $1 AND s.journey_id = r.id
      AND greatest(s.due_at, s.completed_at) >= ${since})`,
  },
  requests: { table: 'booking_requests', at: 'r.created_at', days: 'appointments' },
};

/** The next of the records that the clinic keeps no longer as they are, oldest first; none where it keeps the kind. */
export async function findAged(
  client: Queryable,
  tenantId: string,
  kind: AgedKind,
  after: AgedPlace | undefined,
  most: number,
): Promise<AgedPlace[]> {
  const { table, at, days, unless = 'false' } = tables[kind];
  const { rows } = await client.query<AgedPlace>(
    `WITH kept AS MATERIALIZED (
       SELECT now() - make_interval(days => (t.retention_days ->> $2)::int) AS at FROM tenants t WHERE t.id = $1)
     SELECT ${at}::text AS at, r.id FROM ${table} r
     WHERE r.tenant_id = $1 AND (${at}, r.id) > ($3::timestamptz, $4::uuid) AND ${at} < ${since} AND (${unless}) IS NOT TRUE
     ORDER BY ${at}, r.id LIMIT $5`,
    [tenantId, days, after?.at ?? '-infinity', after?.id ?? '00000000-0000-0000-0000-000000000000', most],
  );
  return rows;
}

/**
 * Of the numbers that these calls are of, those under which nobody called or wrote since the clinic keeps calls, with the
 * conversations under them.
 */
export async function findAtRest(
  client: Queryable,
  tenantId: string,
  callIds: readonly string[],
): Promise<{ phones: string[]; conversations: string[] }> {
  const { rows } = await client.query<{ phone: string; conversations: string[] }>(
    `WITH numbers AS (SELECT DISTINCT contact_phone AS phone FROM voice_calls
       WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) AND contact_phone LIKE '+%'),
     kept AS (SELECT now() - make_interval(days => (retention_days ->> 'calls')::int) AS since FROM tenants WHERE id = $1)
     SELECT n.phone, coalesce(k.ids, '{}') AS conversations FROM numbers n CROSS JOIN kept
     CROSS JOIN LATERAL (SELECT array_agg(k.id) AS ids, max(coalesce(k.last_message_at, k.began_at, k.created_at)) AS last_at
       FROM conversations k WHERE k.tenant_id = $1 AND k.contact_phone = n.phone AND k.channel = ANY ($3::text[])) k
     WHERE coalesce(k.last_at < kept.since, true) AND NOT EXISTS (SELECT FROM voice_calls c
       WHERE c.tenant_id = $1 AND c.contact_phone = n.phone AND c.began_at >= kept.since)`,
    [tenantId, callIds, conversationChannels],
  );
  return {
    phones: rows.map(({ phone }) => phone),
    conversations: rows.flatMap(({ conversations }) => conversations),
  };
}

/** Empties what these records say; who called is another matter, since facts are stated of it. */
export function clearAged(
  client: Client,
  tenantId: string,
  kind: Exclude<AgedKind, 'calls'>,
  ids: readonly string[],
): Promise<void> {
  const clear = {
    transcripts: clearCallTexts,
    messages: clearMessageTexts,
    appointments: clearAppointmentTexts,
    journeys: clearJourneyTexts,
    requests: clearRequests,
  };
  return clear[kind](client, tenantId, ids);
}
