import { callDirections, callOutcomes, callStatuses } from '@switchboard/domain/call-outcomes';
import { intents } from '@switchboard/domain/intents';
import { addDays, isLocalDate } from '@switchboard/domain/periods/local-date';
import { startOfDay } from '@switchboard/domain/periods/zone';
import { type CallListOptions, type CallSortKey, callSortKeys } from '@switchboard/postgres/api/call-list';
import { z } from 'zod';

const listOf = <const T extends readonly string[]>(values: T) =>
  z
    .union([z.enum(values), z.array(z.enum(values)).max(50)])
    .transform((given) => [given].flat())
    .optional();

const earliest = Date.UTC(2000, 0, 1);
const latest = Date.UTC(2100, 0, 1);

const moment = z
  .string()
  .refine((text) => isLocalDate(text) || isInstant(text), {
    error: 'must be a date (2026-11-20) or RFC 3339 with an offset (2026-11-20T10:00:00+05:30)',
    abort: true,
  })
  .refine((text) => Date.parse(text) >= earliest && Date.parse(text) < latest, {
    error: 'must be from 2000 to 2099',
  })
  .optional();

const whole = (most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `must be a whole number up to ${most}`)
    .transform(Number)
    .refine((value) => value <= most, `must be at most ${most}`);

const sorts = callSortKeys.flatMap((key) => [key, `-${key}` as const]);

/** Parameters of `GET /calls`. */
export const callQuery = z.strictObject({
  q: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .regex(/^\P{Cc}*$/u, 'must be text without control characters')
    .optional()
    .describe('Words said, or the contact’s or patient’s name or number.'),
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
  has_recording: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional(),
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

/** The names of the filters given, for the audit: their values may tell of a patient. */
export function filterNames(query: CallQuery): string[] {
  return Object.entries(query)
    .filter(([name, value]) => value !== undefined && !['limit', 'offset', 'sort'].includes(name))
    .map(([name]) => name);
}

function instantOf(text: string, zone: string, daysAfter: 0 | 1): Date {
  return new Date(isLocalDate(text) ? startOfDay(addDays(text, daysAfter), zone) : Date.parse(text));
}

function isInstant(text: string): boolean {
  const form = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;
  return form.test(text) && !Number.isNaN(Date.parse(text));
}

function isSortKey(key: string): key is CallSortKey {
  return callSortKeys.some((known) => known === key);
}
