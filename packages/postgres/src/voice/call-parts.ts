import type { Queryable } from '../pool.ts';
import { createInsert, createUpsert, type Row } from '../rows.ts';

const insertTurns = createInsert('voice_call_transcripts', [
  'tenant_id',
  'call_id',
  'turn_index',
  'speaker',
  'text',
  'start_ms',
  'end_ms',
  'confidence',
]);
const insertToolCalls = createInsert('voice_tool_calls', [
  'tenant_id',
  'call_id',
  'position',
  'vendor_id',
  'name',
  'requested_at',
  'responded_at',
  'ok',
]);

/** Puts these turns in place of all turns of the calls named; calls that have none yet need not be named. */
export function replaceTurns(
  client: Queryable,
  tenantId: string,
  callIds: readonly string[],
  rows: readonly Row[],
): Promise<void> {
  return replaceParts(client, 'voice_call_transcripts', insertTurns, tenantId, callIds, rows);
}

/** Puts these tool calls in place of all of the calls named; calls that have none yet need not be named. */
export function replaceToolCalls(
  client: Queryable,
  tenantId: string,
  callIds: readonly string[],
  rows: readonly Row[],
): Promise<void> {
  return replaceParts(client, 'voice_tool_calls', insertToolCalls, tenantId, callIds, rows);
}

/** The facts of recordings; the state of their audio stays as it is. */
export const upsertRecordings = createUpsert(
  'voice_call_recordings',
  ['tenant_id', 'call_id'],
  ['source_url', 'format', 'duration_seconds', 'size_bytes', 'sha256', 'channels'],
);

export const upsertExtractions = createUpsert(
  'voice_call_extractions',
  ['tenant_id', 'call_id'],
  [
    'extractor_version',
    'event_id',
    'counted_from',
    'intent',
    'intent_confidence',
    'sentiment',
    'sentiment_score',
    'required_fields',
    'filled_fields',
    'entities',
    'redactions',
  ],
);

async function replaceParts(
  client: Queryable,
  table: string,
  insert: (client: Queryable, rows: readonly Row[]) => Promise<void>,
  tenantId: string,
  callIds: readonly string[],
  rows: readonly Row[],
): Promise<void> {
  if (callIds.length > 0) {
    await client.query(`DELETE FROM ${table} WHERE tenant_id = $1 AND call_id = ANY ($2::uuid[])`, [
      tenantId,
      callIds,
    ]);
  }
  await insert(client, rows);
}
