import type { RecordReceived } from '@switchboard/schemas';
import { impliedNames } from './record-state.ts';

/** What an event of its type means for the record it is about. */
export interface EventMeaning {
  /** Place in a record's life: decides between events of one time. */
  rank: number;
  /** The status that the record has from then on. */
  status?: string;
  /** The field that says when it happened: where the sender leaves it out, it is the event's own time. */
  at?: string;
  /** Fields of what it takes back. */
  voids?: readonly string[];
}

const cancellation = ['cancelled_at', 'cancelled_by', 'cancel_reason'];
const over = [...cancellation, 'completed_at'];
const ended = ['completed_at', 'canceled_at'];

const meanings: Readonly<Record<string, EventMeaning>> = {
  'patient.created': { rank: 1 },
  'patient.updated': { rank: 2 },
  'patient.merged': { rank: 3 },
  'appointment.booked': { rank: 1, status: 'scheduled', at: 'booked_at', voids: ['checked_in_at', ...over] },
  // Who confirmed the old time, or came to it, has not confirmed the new one.
  'appointment.rescheduled': {
    rank: 2,
    status: 'scheduled',
    voids: ['confirmed_at', 'checked_in_at', ...over],
  },
  'appointment.confirmed': {
    rank: 3,
    status: 'confirmed',
    at: 'confirmed_at',
    voids: ['checked_in_at', ...over],
  },
  'appointment.checked_in': { rank: 4, status: 'checked_in', at: 'checked_in_at', voids: over },
  'appointment.no_show': { rank: 5, status: 'no_show', voids: ['checked_in_at', ...over] },
  'appointment.cancelled': { rank: 6, status: 'cancelled', at: 'cancelled_at', voids: ['completed_at'] },
  'appointment.completed': { rank: 7, status: 'completed', at: 'completed_at', voids: cancellation },
  'journey.started': { rank: 1, status: 'active', at: 'started_at', voids: ended },
  'journey.paused': { rank: 4, status: 'paused', at: 'paused_at', voids: ['resumed_at', ...ended] },
  'journey.resumed': { rank: 5, status: 'active', at: 'resumed_at', voids: ['paused_at', ...ended] },
  'journey.completed': { rank: 6, status: 'completed', at: 'completed_at', voids: ['canceled_at'] },
  'journey.canceled': { rank: 7, status: 'canceled', at: 'canceled_at', voids: ['completed_at'] },
  // The type tells no status: a message that was read stays so.
  'message.sent': { rank: 1, at: 'sent_at' },
  'practitioner.upserted': { rank: 1 },
  'location.upserted': { rank: 1 },
  'schedule.upserted': { rank: 1 },
};

const stepMeanings: Readonly<Record<string, EventMeaning>> = {
  'journey.step_scheduled': { rank: 1, status: 'open', voids: ['completed_at'] },
  'journey.step_completed': { rank: 2, status: 'completed', at: 'completed_at' },
};

/** Whether the contract lists a type of event. */
export function isRecordEventType(eventType: string): boolean {
  return Object.hasOwn(meanings, eventType) || Object.hasOwn(stepMeanings, eventType);
}

/** What an event says of its record; of a type that is not in the contract: nothing, at the lowest rank. */
export function meaningOf(eventType: string): EventMeaning {
  return meanings[eventType] ?? { rank: 0 };
}

/** What an event says of the journey's step that it carries. */
export function stepMeaningOf(eventType: string): EventMeaning {
  return stepMeanings[eventType] ?? { rank: 0 };
}

/**
 * What an event says of its record: what it tells, and what follows from its type. A file's row says when it was changed last,
 * which tells nothing of when a visit was booked or a journey ended.
 * @param told field by field, in words of the event's own
 */
export function saidBy(
  { occurred_at, source }: Pick<RecordReceived, 'occurred_at' | 'source'>,
  { status, at, voids = [] }: EventMeaning,
  told: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const isImplied =
    at !== undefined && !(at in told) && occurred_at !== null && !(source === 'import' && at !== 'sent_at');
  return {
    ...(status && { status }),
    ...(isImplied && Object.fromEntries(impliedNames(at).map((name) => [name, occurred_at]))),
    ...Object.fromEntries(voids.map((name) => [name, null])),
    ...told,
  };
}
