import { named, type RecordParts, somebody } from '@switchboard/domain/records/testing/record-factories';
import fc from 'fast-check';
import { type Change, type Event, minute, most, slotAt, start, states } from './changes.ts';

const upTo = (max: number) => fc.integer({ min: 1, max });
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null, freq: 2 });
const often = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null, freq: 6 });
const within = (minutes: number) => fc.nat({ max: minutes }).map((at) => start + at * minute);
/** Mostly one, so that records meet. */
const person = fc
  .constantFrom(1, 1, 1, 1, 2, 3, 4, 5, 6)
  .map((number) => somebody({ external_id: `P-${number}` }));
const practitioner = upTo(3).map((number) => named(`D-${number}`));

/** Events of one record meet in time; those of different records never do. */
const told = (number: number, type: string, id: string, parts: RecordParts) =>
  fc
    .record({
      at: within(200),
      isUntimed: fc.boolean(),
      fromFile: fc.nat({ max: 5 }).map((one) => one === 0),
    })
    .map(
      ({ at, isUntimed, fromFile }): Event => ({
        of: 'record',
        type,
        id,
        at: fromFile && isUntimed ? null : at + number,
        fromFile,
        parts,
      }),
    );

const appointment = fc
  .record({
    number: upTo(most.told),
    type: fc.constantFrom(
      'booked',
      'confirmed',
      'rescheduled',
      'checked_in',
      'completed',
      'cancelled',
      'no_show',
    ),
    patient: often(person),
    practitioner: often(practitioner),
    location: maybe(fc.constant(named('L-1', 'Bandra'))),
    appointment_type: maybe(fc.constant(named('T-1', 'Visit'))),
    slot: maybe(fc.nat({ max: 12 })),
    length: maybe(fc.constantFrom(20, 30, 60)),
    booked: fc.nat({ max: 500 }),
    cancelled_by: maybe(fc.constantFrom('patient', 'clinic', 'system')),
    fee: maybe(fc.constantFrom(500, 900)),
    channel: maybe(fc.constantFrom('desk', 'voice', 'web')),
    journey: maybe(upTo(most.journeys).map((one) => `J-${one}`)),
    cleared: fc.constantFrom<string[]>([], [], [], [], ['practitioner'], ['patient']),
  })
  .chain(({ number, type, slot, length, booked, fee, cleared, ...parts }) => {
    const from = slot === null ? null : slotAt(slot, number);
    return told(number, `appointment.${type}`, `A-${number}`, {
      appointment: {
        ...parts,
        start: from,
        end: from === null || length === null ? null : from + length * minute,
        booked_at: start - booked * minute + number * 1_000,
        fee_minor: fee,
        fee_currency: fee === null ? null : 'INR',
      },
      cleared,
    });
  });

const journey = fc
  .record({
    number: upTo(most.journeys),
    type: fc.constantFrom('started', 'paused', 'resumed', 'completed', 'canceled'),
    patient: often(person),
    practitioner: maybe(practitioner),
    journey_type: maybe(fc.constantFrom('recall', 'knee')),
    started: fc.nat({ max: 500 }),
  })
  .chain(({ number, type, started, ...parts }) =>
    told(number, `journey.${type}`, `J-${number}`, {
      journey: { ...parts, started_at: start - started * minute },
    }),
  );

const step = fc
  .record({
    journey: upTo(most.journeys),
    number: upTo(4),
    type: fc.constantFrom('step_scheduled', 'step_completed'),
    due_at: maybe(within(6_000)),
    step_type: maybe(fc.constantFrom('visit', 'call')),
    appointment: maybe(upTo(most.told).map((one) => `A-${one}`)),
  })
  .chain(({ journey: of, number, type, ...parts }) =>
    told(number, `journey.${type}`, `J-${of}`, { step: { ...parts, external_id: `S-${number}` } }),
  );

const clinic = fc.oneof(
  fc
    .record({ number: upTo(3), department: fc.constantFrom('skin', 'heart') })
    .chain(({ number, department }) =>
      told(number, 'practitioner.upserted', `D-${number}`, { practitioner: { department } }),
    ),
  fc
    .record({ number: upTo(most.patients), language: fc.constantFrom('hi-IN', 'en-IN') })
    .chain(({ number, language }) =>
      told(number, 'patient.updated', `P-${number}`, { patient: { language } }),
    ),
  upTo(3).chain((number) =>
    told(number, 'patient.merged', `P-${20 + number}`, { patient: { merged_into: `P-${number}` } }),
  ),
);

/** What decides about a message's place follows from its number, whoever tells of it. */
const message = fc
  .record({
    number: upTo(28),
    status: maybe(fc.constantFrom('sent', 'delivered', 'read', 'failed')),
    late: fc.nat({ max: 90 }),
  })
  .map(
    ({ number, late, ...rest }): Event => ({
      of: 'message',
      number,
      at: start + (number + late) * minute,
      ...rest,
    }),
  );

const call = fc
  .record({
    number: upTo(most.calls),
    type: fc.constantFrom('call.started', 'call.completed', 'call.analyzed'),
    at: within(300),
    isOwn: fc.boolean(),
    other: fc.constantFrom(1, 1, 1, 2, 3, 4, 5, 6),
    beganAt: fc.constantFrom(-9_000, -400, -250, -120, -30, 20, 200).map((at) => start + at * minute),
    status: maybe(fc.constantFrom('completed', 'in_progress', 'no_answer', 'voicemail')),
    outcome: maybe(fc.constantFrom('booked', 'callback_requested', 'unresolved', 'transferred', 'answered')),
    intent: maybe(fc.constantFrom('book_appointment', 'billing')),
    isSpoken: fc.boolean(),
    isNamed: fc.boolean(),
  })
  .map(
    ({ number, isOwn, other, beganAt, ...rest }): Event => ({
      of: 'call',
      number,
      who: isOwn ? ((number - 1) % most.patients) + 1 : other,
      beganAt: beganAt + number * 10,
      ...rest,
      // The last is always the unknown caller's, with whom somebody spoke: who was made by a call and then wrote stays.
      ...(number === most.calls && {
        who: most.contacts,
        status: 'completed',
        isSpoken: true,
        isNamed: true,
      }),
    }),
  );

const merge = fc.record({
  of: fc.constantFrom('merge' as const, 'merge' as const, 'unmerge' as const),
  survivor: upTo(most.patients),
  absorbed: upTo(most.patients),
});
const act = (visit: fc.Arbitrary<number>, doctor: fc.Arbitrary<string>) =>
  fc.oneof(
    fc.record({
      of: fc.constant('state' as const),
      visit,
      to: fc.constantFrom(...states),
      at: within(9_000),
    }),
    fc.record({
      of: fc.constant('move' as const),
      visit,
      practitioner: doctor,
      slot: fc.nat({ max: 12 }),
      at: within(300),
    }),
    fc.record({
      of: fc.constant('answer' as const),
      contact: upTo(most.patients),
      at: within(300).map((at) => at + 500),
      byAssistant: fc.boolean(),
    }),
    fc.record({
      of: fc.constant('labels' as const),
      contact: upTo(most.contacts),
      labels: fc.subarray(['vip', 'billing']),
    }),
  );
const talk = fc.record({
  of: fc.constant('talk' as const),
  contact: upTo(most.contacts),
  to: fc.constantFrom('open' as const, 'pending' as const, 'resolved' as const),
  at: within(300),
});

const events = [
  { weight: 9, arbitrary: appointment },
  { weight: 3, arbitrary: journey },
  { weight: 4, arbitrary: step },
  { weight: 2, arbitrary: clinic },
  { weight: 6, arbitrary: message },
  { weight: 6, arbitrary: call },
  { weight: 4, arbitrary: merge },
];

/** Whatever may happen: the desk changes what the clinic's system tells of, too. */
export const anyChange: fc.Arbitrary<Change> = fc.oneof(
  ...events,
  { weight: 4, arbitrary: act(upTo(most.visits), fc.constantFrom('D-1', 'D-2', 'D-3', 'D-9')) },
  { weight: 1, arbitrary: talk },
);

/**
 * What ends in the same whenever it happens, while merges, unmerges and what the desk does keep their own order: the desk
 * changes what was booked here with a practitioner of its own. What it decides upon what it sees (a slot that is taken or
 * not, a conversation that is read and resolved) depends, as it must, on what had come by then.
 */
export const lastingChange: fc.Arbitrary<Change> = fc.oneof(...events, {
  weight: 4,
  arbitrary: act(fc.constantFrom(9, 10), fc.constant('D-9')),
});
