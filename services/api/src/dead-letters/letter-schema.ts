import {
  deadLetterReasons,
  deadLetterStages,
  deadLetterStates,
  isDeadLetterReason,
} from '@switchboard/domain/dead-letter-reasons';
import { type Original, readOriginal } from '@switchboard/kafka/original';
import type { DeadLetterFilter, DeadLetterRow } from '@switchboard/postgres/pipeline/find-dead-letters';
import { topicNames } from '@switchboard/schemas';
import { z } from 'zod';
import { cursorParameter, instantInCursor } from '../paging/cursor.ts';
import { instantOf, line, listOf, moment, whole, yesOrNo } from '../paging/parameters.ts';

const filterFields = {
  stage: listOf(deadLetterStages),
  reason: listOf(Object.keys(deadLetterReasons)),
  source: line(100).optional().describe('A vendor’s name, or the topic it was read from.'),
  topic: listOf(topicNames).describe('Where a replay puts it; without prefix.'),
  from: moment.describe('It failed last then or later; a date is the clinic’s.'),
  to: moment.describe('It failed last before; a date counts to its end.'),
  patient_id: z.uuid().optional().describe('Its original names a phone of this patient.'),
  pseudonym: z.guid().optional().describe('Its original names the phone of this pseudonym.'),
};

const searched = 'Whether its original was searched for phones. Where it was not, it may be of any patient.';

/** Of a body. */
const bodyFields = { ...filterFields, searched: z.boolean().optional().describe(searched) };

/** Parameters of `GET /dead-letters`. */
export const letterQuery = z.strictObject({
  state: listOf(deadLetterStates),
  ...filterFields,
  searched: yesOrNo.describe(searched),
  limit: whole(500, 1).default(50),
  cursor: cursorParameter(z.strictObject({ at: instantInCursor, id: z.uuid() })),
});

/** Which are to be put back. */
export const replayBody = z.strictObject({
  state: listOf(['open', 'replayed']).describe('Those that are open, unless told.'),
  ...bodyFields,
});

const reason = line(500).describe('Why, in your words. It is kept with the letter, nowhere else.');

export const discardOneBody = z.strictObject({ reason });

/** Which are to be given up; only open ones are. */
export const discardBody = z.strictObject({ reason, letters: z.strictObject(bodyFields) });

export const letter = z.object({
  id: z.string(),
  state: z.enum(deadLetterStates),
  stage: z.string(),
  reason: z.string(),
  explanation: z.string().nullable().describe('The reason in words.'),
  detail: z.string().nullable().describe('Where and what; never a value.'),
  source: z.string(),
  topic: z.string().nullable().describe('Where a replay puts it; null: through ingest.'),
  event_id: z.string().nullable(),
  call_id: z.string().nullable(),
  people: z.array(z.string()).describe('Pseudonyms of the phones that its original names.'),
  searched: z
    .boolean()
    .describe('False: its original was not searched for phones; nobody knows whose it is.'),
  content_type: z.string(),
  schema_id: z.number().nullable(),
  size_bytes: z.number().describe('Of the sealed original; 0: it is kept no longer.'),
  attempts: z.number().describe('How often it failed.'),
  first_at: z.string(),
  last_at: z.string(),
  replays: z.number().describe('How often it was to be put back.'),
  replayed_at: z.string().nullable(),
  discarded_at: z.string().nullable(),
  discard_reason: z.string().nullable(),
});

export const letterList = z.object({ dead_letters: z.array(letter), next_cursor: z.string().nullable() });

export const shownLetter = letter.extend({
  original: z
    .object({
      encoding: z.enum(['utf8', 'base64']),
      body: z.string().describe('The very bytes.'),
      event: z.unknown().describe('What they say where they are Avro of our present schema; else null.'),
    })
    .nullable()
    .describe('Null: no key of ours opens it, or it is kept no longer.'),
});

export const replaying = z.object({ replaying: z.number().describe('How many will be put back.') });
export const discarded = z.object({ discarded: z.number().describe('How many were given up.') });

/** Which are meant, but for their state. */
export type FilterFields = z.infer<z.ZodObject<typeof bodyFields>>;

/** @param people pseudonyms that the filter means, if it names any */
export function toLetterFilter(
  query: FilterFields,
  zone: string,
  people: readonly string[] | undefined,
): DeadLetterFilter {
  return {
    stages: query.stage,
    reasons: query.reason,
    source: query.source,
    topics: query.topic,
    from: query.from === undefined ? undefined : instantOf(query.from, zone, 0),
    to: query.to === undefined ? undefined : instantOf(query.to, zone, 1),
    people,
    searched: query.searched,
  };
}

export function presentLetter(row: DeadLetterRow): z.infer<typeof letter> {
  return {
    id: row.id,
    state: row.state,
    stage: row.stage,
    reason: row.reason,
    explanation: isDeadLetterReason(row.reason) ? deadLetterReasons[row.reason] : null,
    detail: row.detail,
    source: row.source,
    topic: row.topic,
    event_id: row.event_id,
    call_id: row.call_id,
    people: row.people,
    searched: row.searched,
    content_type: row.content_type,
    schema_id: row.schema_id,
    size_bytes: row.bytes,
    attempts: row.attempts,
    first_at: row.first_at.toISOString(),
    last_at: row.last_at.toISOString(),
    replays: row.replays,
    replayed_at: row.replayed_at?.toISOString() ?? null,
    discarded_at: row.discarded_at?.toISOString() ?? null,
    discard_reason: row.discard_reason,
  };
}

export function presentOriginal(row: DeadLetterRow, bytes: Buffer | null): Original | null {
  return bytes && readOriginal(row.content_type, row.topic, bytes);
}
