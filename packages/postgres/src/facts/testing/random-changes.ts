import type { PlainRows } from '@switchboard/testkit/recount-records';
import fc from 'fast-check';
import {
  at,
  idOf,
  maybe,
  minute,
  numberUpTo,
  patient,
  phone,
  practitioner,
  rarely,
  start,
} from './random-values.ts';

/** One thing that happens to the records. */
export type Change =
  | { of: 'merge'; from: number; to: number }
  | { of: 'test'; index: number; test: boolean }
  | { of: 'department'; index: number; department: string | null }
  | { of: 'rows'; rows: { table: keyof PlainRows; id: string; parts: Record<string, unknown> }[] };

const appointment = fc
  .record({
    number: numberUpTo(30),
    patient_id: patient,
    practitioner_id: practitioner,
    status: fc.constantFrom(
      'held',
      'scheduled',
      'confirmed',
      'checked_in',
      'completed',
      'completed',
      'cancelled',
      'cancelled',
      'no_show',
    ),
    starts_at: at,
    minutes: fc.constantFrom(10, 20, 1_440, 1_441),
    booked_at: at,
    booking_time_unknown: rarely,
    confirmed_at: maybe(at),
    checked_in_at: maybe(at),
    cancelled_at: maybe(at),
    cancelled_by: maybe(fc.constantFrom('patient', 'clinic')),
    moves: fc.integer({ min: 0, max: 2 }),
    channel: fc.constantFrom('voice', 'desk'),
    fee_minor: maybe(fc.constant(500)),
    placeholder: rarely,
    entered_in_error: rarely,
  })
  .map(({ number, minutes, ...parts }) => ({
    table: 'appointments' as const,
    id: idOf('appointments', number),
    parts: {
      ...parts,
      ends_at: parts.starts_at + minutes * minute,
      booked_at: parts.booking_time_unknown ? null : parts.booked_at,
      // Links stay as they were made: who takes one away names the conversation too.
      call_id: number % 5 === 0 ? idOf('voice_calls', (number % 6) + 1) : null,
      tool_call_id: number % 5 === 0 ? `t${number}` : null,
      conversation_id: number % 5 === 1 ? idOf('conversations', (number % 4) + 1) : null,
      hold_expires_at: parts.status === 'held' ? parts.starts_at : null,
      fee_currency: parts.fee_minor === null ? null : 'INR',
    },
  }));

const journey = fc
  .record({
    number: numberUpTo(6),
    patient_id: patient,
    practitioner_id: practitioner,
    journey_type: fc.constantFrom('knee', 'a text, no code'),
    status: fc.constantFrom('active', 'paused', 'completed', 'canceled'),
    started_at: at,
    ended_at: maybe(at),
    pauses: fc.integer({ min: 0, max: 1 }),
    resumes: fc.integer({ min: 0, max: 1 }),
    placeholder: rarely,
    entered_in_error: rarely,
  })
  .map(({ number, ...parts }) => ({ table: 'journeys' as const, id: idOf('journeys', number), parts }));

const step = fc
  .record({
    number: numberUpTo(18),
    step_type: maybe(fc.constantFrom('visit', 'Call Rohini')),
    stage: maybe(fc.constant('before')),
    due_at: maybe(at),
    completed_at: maybe(at),
    placeholder: rarely,
  })
  .map(({ number, ...parts }) => ({
    table: 'journey_steps' as const,
    id: idOf('journey_steps', number),
    parts: { ...parts, journey_id: idOf('journeys', (number % 6) + 1) },
  }));

const conversation = fc
  .record({
    number: numberUpTo(4),
    state: fc.constantFrom('open', 'pending', 'resolved'),
    patient_id: patient,
    contact_phone: phone,
    intent: maybe(fc.constantFrom('book_appointment', 'billing')),
    labels: fc.subarray(['vip', 'billing', 'no key']),
    resolved_at: maybe(at),
    reopened: fc.integer({ min: 0, max: 1 }),
    created_at: at,
  })
  .map(({ number, ...parts }) => ({
    table: 'conversations' as const,
    id: idOf('conversations', number),
    parts: { ...parts, channel: 'whatsapp' },
  }));

const message = fc
  .record({
    number: numberUpTo(24),
    who: fc.constantFrom('patient', 'patient', 'user', 'assistant', 'system'),
    conversation: numberUpTo(4),
    status: fc.constantFrom('sent', 'delivered', 'read', 'failed'),
    sent_at: at,
    body: maybe(fc.constantFrom('Stop.', 'STOP\r\n', '\tstop\u00a0!', 'stop it', 'words')),
    template: maybe(fc.constantFrom('visit_reminder', 'hello')),
    sentiment_score: maybe(fc.constantFrom(0.25, -1)),
    entered_in_error: rarely,
  })
  .map(({ number, who, conversation: of, ...parts }) => ({
    table: 'conversation_messages' as const,
    id: idOf('conversation_messages', number),
    parts: {
      ...parts,
      conversation_id: idOf('conversations', of),
      direction: who === 'patient' ? 'inbound' : 'outbound',
      sender_kind: who,
      sender_id: who === 'user' ? idOf('departments', 9) : null,
      external_id: String(number),
    },
  }));

const call = fc
  .record({
    number: numberUpTo(6),
    status: maybe(fc.constantFrom('completed', 'in_progress', 'no_answer')),
    outcome: maybe(fc.constantFrom('booked', 'callback_requested', 'unresolved', 'transferred')),
    intent: maybe(fc.constantFrom('book_appointment', 'billing')),
    began_at: at,
    ended_at: maybe(at),
    caller_turns: maybe(fc.integer({ min: 0, max: 2 })),
    patient_id: patient,
    contact_phone: phone,
    state: fc.constantFrom('open', 'resolved'),
  })
  .map(({ number, state, ...parts }) => {
    const conversationId = idOf('conversations', 100 + number);
    const { patient_id, contact_phone } = parts;
    return [
      {
        table: 'conversations' as const,
        id: conversationId,
        parts: {
          channel: 'voice',
          state,
          patient_id,
          contact_phone,
          intent: null,
          labels: [],
          resolved_at: null,
          reopened: 0,
          created_at: start,
        },
      },
      {
        table: 'voice_calls' as const,
        id: idOf('voice_calls', number),
        parts: {
          ...parts,
          conversation_id: conversationId,
          external_id: String(number),
          direction: number % 3 === 0 ? 'outbound' : 'inbound',
          transferred_to: null,
        },
      },
    ];
  });

/** What a row refers to is written with it, if it is not there yet. */
const rows = fc
  .array(fc.oneof(appointment, appointment, journey, step, conversation, message, call), {
    minLength: 1,
    maxLength: 3,
  })
  .map((some): Change => ({ of: 'rows', rows: some.flat() }));

export const changes: fc.Arbitrary<Change> = fc.oneof(
  { weight: 12, arbitrary: rows },
  {
    weight: 1,
    arbitrary: fc.record({ of: fc.constant('merge' as const), from: numberUpTo(4), to: numberUpTo(4) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ of: fc.constant('test' as const), index: numberUpTo(4), test: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      of: fc.constant('department' as const),
      index: numberUpTo(2),
      department: maybe(numberUpTo(2).map((number) => idOf('departments', number))),
    }),
  },
);
