import { callDirections, callOutcomes, callStatuses } from '@switchboard/domain/call-outcomes';
import { intents } from '@switchboard/domain/intents';
import { type CallListOptions, type CallSortKey, callSortKeys } from '@switchboard/postgres/api/call-list';
import { z } from 'zod';
import { instantOf, line, listOf, moment, whole, yesOrNo } from '../paging/parameters.ts';

const sorts = callSortKeys.flatMap((key) => [key, `-${key}` as const]);

/** Parameters of `GET /calls`. */
export const callQuery = z.strictObject({
  q: line(200).optional().describe('Words said, or the contact’s or patient’s name or number.'),
  status: listOf(callStatuses),
  direction: listOf(callDirections),
  intent: listOf(intents),
  outcome: listOf(callOutcomes),
  sentiment: listOf(['positive', 'neutral', 'negative']),
  practitioner_id: z.uuid().optional().describe('Named in the call.'),
  patient_id: z.uuid().optional(),
  from: moment.describe('Calls that started then or later; a date is the clinic’s.'),
  to: moment.describe('Calls that started before; a date counts to its end.'),
  min_duration: whole(1_000_000).optional().describe('Seconds.'),
  has_recording: yesOrNo,
  sort: z.enum(sorts).default('-started_at').describe('With `-`: largest or latest first.'),
  limit: whole(500).default(50),
  offset: whole(1_000_000).default(0),
});

export type CallQuery = z.infer<typeof callQuery>;

/** The query in terms of the records; dates become the clinic's days. */
export function toCallListOptions(query: CallQuery, zone: string): CallListOptions {
  const { q, status, direction, intent, outcome, sentiment } = query;
  const key = query.sort.replace('-', '');
  return {
    filter: {
      q,
      status,
      direction,
      intent,
      outcome,
      sentiment,
      patientId: query.patient_id,
      practitionerId: query.practitioner_id,
      from: query.from === undefined ? undefined : instantOf(query.from, zone, 0),
      to: query.to === undefined ? undefined : instantOf(query.to, zone, 1),
      minDurationSeconds: query.min_duration,
      hasRecording: query.has_recording,
    },
    sort: isSortKey(key) ? key : 'started_at',
    descending: query.sort.startsWith('-'),
    limit: query.limit,
    offset: query.offset,
  };
}

function isSortKey(key: string): key is CallSortKey {
  return callSortKeys.some((known) => known === key);
}
