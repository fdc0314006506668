import type { RecordReceived } from '@switchboard/schemas';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appointmentStates, fhirStatus, occupyingStates } from './appointment-states.ts';
import {
  countMoves,
  countPauses,
  emptyState,
  mergeStates,
  type RecordState,
  winnersOf,
} from './record-state.ts';
import { type RecordStatement, statementsOf } from './record-statements.ts';
import { type RecordParts, recordEvent, somebody } from './testing/record-factories.ts';

const at = Date.parse('2026-11-20T05:00:00Z');

const event = (id: string, type: string, parts: RecordParts = {}): RecordReceived =>
  recordEvent(type, 'A-1', {
    event_id: id,
    vendor_event_id: id,
    occurred_at: at,
    received_at: at,
    ...parts,
  });

const appointment = (id: string, type: string, minute: number, details: RecordParts['appointment'] = {}) =>
  event(id, `appointment.${type}`, {
    occurred_at: at + minute * 60_000,
    received_at: at + minute * 60_000 + 400,
    appointment: details,
  });

/** Every record that the events speak of, joined in the order given. */
function records(events: readonly RecordReceived[]): Map<string, RecordState> {
  const known = new Map<string, RecordState>();
  for (const { kind, externalId, journeyId, state } of events.flatMap(statementsOf)) {
    const key = [kind, journeyId, externalId].filter(Boolean).join(' ');
    known.set(key, mergeStates(known.get(key) ?? emptyState, state));
  }
  return known;
}

/** What the events end in, which no order and no repetition changes. */
function inAnyOrder(...events: RecordReceived[]): (record: string) => Record<string, unknown> {
  const expected = records(events);
  const twice = [...events, ...events];
  fc.assert(
    fc.property(fc.shuffledSubarray(twice, { minLength: twice.length }), (shuffled) => {
      expect(records(shuffled)).toEqual(expected);
    }),
  );
  return (record) => winnersOf((expected.get(record) ?? emptyState).fields);
}

const rao = somebody({ external_id: 'P-1', first_name: 'Asha', phones: ['+919812345678'] });
const booked = appointment('1', 'booked', 0, {
  patient: rao,
  practitioner: { external_id: 'D-1', name: 'Dr. Mehta' },
  start: at + 1,
  end: at + 2,
  notes: 'wheelchair',
});

describe('an appointment', () => {
  it('ends in its last state, whatever comes first', () => {
    const moved = appointment('2', 'rescheduled', 5, { start: at + 10, end: at + 11 });
    const cancelled = appointment('3', 'cancelled', 9, { cancelled_by: 'patient' });
    const fields = inAnyOrder(booked, moved, cancelled)('appointment A-1');
    expect(fields).toMatchObject({
      status: 'cancelled',
      start: at + 10,
      end: at + 11,
      patient_external_id: 'P-1',
      cancelled_by: 'patient',
    });
    const state = records([cancelled, moved, booked]).get('appointment A-1') ?? emptyState;
    expect(countMoves(state.moves)).toBe(1);
  });

  it('that was confirmed and then moved is not confirmed', () => {
    const confirmed = appointment('2', 'confirmed', 1);
    const moved = appointment('3', 'rescheduled', 2, { start: at + 10 });
    expect(inAnyOrder(booked, confirmed)('appointment A-1').status).toBe('confirmed');
    expect(inAnyOrder(booked, confirmed, moved)('appointment A-1').status).toBe('scheduled');
  });

  it.each(['booked', 'rescheduled', 'confirmed', 'checked_in', 'no_show', 'cancelled', 'completed'])(
    'has a state of the list after appointment.%s',
    (type) => {
      const { status } = inAnyOrder(appointment('1', type, 0))('appointment A-1');
      expect(appointmentStates).toContain(status);
    },
  );

  it('was cancelled when its sender says, or else when the event says that it happened', () => {
    const said = appointment('2', 'cancelled', 9, { cancelled_at: at + 5 });
    expect(inAnyOrder(booked, said)('appointment A-1').cancelled_at).toBe(at + 5);
    const silent = appointment('2', 'cancelled', 9);
    expect(inAnyOrder(booked, silent)('appointment A-1').cancelled_at).toBe(at + 9 * 60_000);
    const timeless = event('2', 'appointment.cancelled', { source: 'import', occurred_at: null });
    expect(inAnyOrder(timeless)('appointment A-1')).toEqual({ status: 'cancelled', completed_at: null });
  });

  it('loses what its sender sets to null, and nothing that it leaves out', () => {
    const emptied = event('2', 'appointment.confirmed', {
      occurred_at: at + 1,
      cleared: ['notes', 'patient'],
      appointment: {},
    });
    expect(inAnyOrder(booked, emptied)('appointment A-1')).toMatchObject({
      notes: null,
      patient_external_id: null,
      start: at + 1,
    });
  });

  it('of a patient without an id keeps what is known of the patient, until there is an id', () => {
    const walkIn = appointment('1', 'booked', 0, { patient: { ...rao, external_id: null } });
    const known = appointment('2', 'checked_in', 1, { patient: rao });
    expect(records([walkIn]).has('patient P-1')).toBe(false);
    expect(inAnyOrder(walkIn)('appointment A-1').patient).toMatchObject({ first_name: 'Asha' });
    expect(inAnyOrder(walkIn, known)('appointment A-1')).toMatchObject({
      patient: null,
      patient_external_id: 'P-1',
    });
  });

  it('keeps what the schema does not know, digit by digit', () => {
    const odd = event('1', 'appointment.booked', { extra: '{"/data/ticket":12345678901234567890}' });
    const state = records([odd]).get('appointment A-1') ?? emptyState;
    expect(winnersOf(state.extra)).toEqual({ '/data/ticket': '12345678901234567890' });
  });
});

describe('what an event names', () => {
  it('is there with it, and completed by an event of its own, earlier or later', () => {
    const upserted = event('2', 'practitioner.upserted', {
      external_id: 'D-1',
      occurred_at: at - 1,
      practitioner: {
        name: 'Dr. Nisha Mehta',
        title: null,
        department: 'cardiology',
        locations: [{ external_id: 'L-1', name: 'Andheri' }],
        languages: null,
        active: true,
      },
    });
    expect(inAnyOrder(booked)('practitioner D-1')).toEqual({ reference_name: 'Dr. Mehta' });
    const record = inAnyOrder(booked, upserted);
    expect(record('practitioner D-1')).toMatchObject({ name: 'Dr. Nisha Mehta', department: 'cardiology' });
    expect(record('location L-1')).toEqual({ reference_name: 'Andheri' });
  });

  it('of a patient counts below the patient’s own event of that time', () => {
    const updated = event('0', 'patient.updated', {
      external_id: 'P-1',
      patient: { first_name: 'Aasha' },
    });
    const patient = inAnyOrder(booked, updated)('patient P-1');
    expect(patient).toEqual({ first_name: 'Aasha', phones: ['+919812345678'] });
  });
});

it('a patient that was merged says into whom', () => {
  const merged = event('2', 'patient.merged', {
    external_id: 'P-2',
    patient: { merged_into: 'P-1' },
  });
  expect(inAnyOrder(merged)('patient P-2')).toEqual({ merged_into: 'P-1' });
});

it('a journey pauses, goes on and ends, and its steps are records of their own', () => {
  const step = (id: string, type: string, minute: number) =>
    event(id, `journey.${type}`, {
      external_id: 'J-1',
      occurred_at: at + minute,
      step: {
        external_id: 'S-1',
        name: 'Dressing',
        step_type: null,
        position: 0,
        due_at: at + 100,
        completed_at: null,
        appointment: null,
        result: null,
      },
    });
  const journey = (id: string, type: string, minute: number) =>
    event(id, `journey.${type}`, { external_id: 'J-1', occurred_at: at + minute });
  const started = journey('1', 'started', 0);
  const paused = journey('2', 'paused', 1);
  const scheduled = step('3', 'step_scheduled', 2);
  expect(inAnyOrder(started, paused, scheduled)('journey J-1')).toEqual({
    status: 'paused',
    started_at: at,
    paused_at: at + 1,
    resumed_at: null,
    completed_at: null,
    canceled_at: null,
  });
  const all = inAnyOrder(
    started,
    paused,
    scheduled,
    journey('4', 'resumed', 3),
    step('5', 'step_completed', 4),
  );
  expect(all('journey J-1')).toMatchObject({ status: 'active', resumed_at: at + 3 });
  expect(all('step J-1 S-1')).toMatchObject({ status: 'completed', name: 'Dressing', due_at: at + 100 });
});

describe('when something happened', () => {
  const once = (id: string, type: string, minute: number, more: object = {}) => {
    const [kind = ''] = type.split('.');
    const time = at + minute * 60_000;
    return event(id, type, { occurred_at: time, received_at: time, [kind]: { notes: null, ...more } });
  };
  const times = [
    ['appointment.booked', 'booked_at'],
    ['appointment.confirmed', 'confirmed_at'],
    ['appointment.checked_in', 'checked_in_at'],
    ['appointment.completed', 'completed_at'],
    ['appointment.cancelled', 'cancelled_at'],
    ['journey.started', 'started_at'],
    ['journey.completed', 'completed_at'],
    ['journey.canceled', 'canceled_at'],
    ['message.sent', 'sent_at'],
  ];
  const keyOf = (type: string) => `${type.split('.')[0]} A-1`;

  it.each(times)('stays, whatever later corrects what was told by %s', (type, field) => {
    const silent = inAnyOrder(once('2', type, 1), once('1', type, 2), once('3', type, 3));
    expect(silent(keyOf(type))[field]).toBe(at + 60_000);
    const told = inAnyOrder(once('1', type, 1, { [field]: at }), once('2', type, 2), once('3', type, 0));
    expect(told(keyOf(type))[field]).toBe(at);
    const file = { ...once('1', type, 1, { [field]: at }), source: 'import', origin: 'file' };
    expect(inAnyOrder(file, once('2', type, 2))(keyOf(type))[field]).toBe(at);
    const emptied = inAnyOrder(once('1', type, 1), { ...once('2', type, 2), cleared: [field] });
    expect(emptied(keyOf(type))[field]).toBe(null);
  });

  it('is the last time where it was taken back meanwhile', () => {
    const timeOf = (field: string, ...events: RecordReceived[]) =>
      Number(inAnyOrder(...events)(keyOf(events[0]?.event_type ?? ''))[field]) - at;
    const cancelled = (id: string, minute: number, more: object = {}) =>
      once(id, 'appointment.cancelled', minute, more);
    const revived = once('2', 'appointment.booked', 5);
    const again = [revived, cancelled('3', 6)];
    expect(timeOf('cancelled_at', cancelled('1', 1), ...again)).toBe(6 * 60_000);
    expect(timeOf('cancelled_at', cancelled('1', 1, { cancelled_at: at }), ...again)).toBe(6 * 60_000);
    const moved = once('2', 'appointment.rescheduled', 5);
    for (const [type, field] of [
      ['confirmed', 'confirmed_at'],
      ['checked_in', 'checked_in_at'],
    ] as const) {
      const said = (id: string, minute: number) => once(id, `appointment.${type}`, minute);
      expect(timeOf(field, said('1', 1), moved, said('3', 6))).toBe(6 * 60_000);
      expect(inAnyOrder(said('1', 1), moved)('appointment A-1')[field]).toBe(null);
    }
  });

  it.each(times.slice(0, -1))('is not when the row of a file was changed (%s)', (type, field) => {
    const row = { ...once('1', type, 1), source: 'import', origin: 'file' };
    expect(inAnyOrder(row)(keyOf(type))).not.toHaveProperty(field);
  });
});

it('a message that was read stays read when an event corrects something else', () => {
  const sent = event('1', 'message.sent', { message: { status: 'read' } });
  const corrected = event('2', 'message.sent', { occurred_at: at + 1, message: { patient: rao } });
  expect(inAnyOrder(sent, corrected)('message A-1')).toMatchObject({ status: 'read', sent_at: at });
});

it('a file tells of a journey’s pause, whatever became of the journey', () => {
  const row = (id: string, type: string, journey: RecordParts['journey']) =>
    event(id, `journey.${type}`, { source: 'import', origin: 'file', external_id: 'J-1', journey });
  const pausesOf = (...events: RecordReceived[]) =>
    countPauses((records(events).get('journey J-1') ?? emptyState).moves);
  const over = row('1', 'completed', { paused_at: at - 9, resumed_at: at - 5 });
  expect(pausesOf(over)).toEqual({ pauses: 1, resumes: 1 });
  const again = row('2', 'paused', { paused_at: at - 3, resumed_at: at - 5 });
  expect(pausesOf(again, over)).toEqual({ pauses: 2, resumes: 1 });
  expect(pausesOf(row('3', 'paused', {}))).toEqual({ pauses: 1, resumes: 0 });
  const ofADay = row('5', 'completed', { paused_at: at, resumed_at: at });
  expect(pausesOf(ofADay)).toEqual({ pauses: 1, resumes: 1 });
  expect(pausesOf(ofADay, row('6', 'completed', { paused_at: at, resumed_at: at }))).toEqual({
    pauses: 1,
    resumes: 1,
  });
  const told = ['paused', 'resumed'].map((type, index) =>
    event(`7 ${type}`, `journey.${type}`, { external_id: 'J-1', occurred_at: at + 5 + index, journey: {} }),
  );
  expect(pausesOf(ofADay, ...told)).toEqual({ pauses: 1, resumes: 1 });
  const heard = event('4', 'journey.paused', { external_id: 'J-1', occurred_at: at - 9, journey: {} });
  expect(pausesOf(heard, over)).toEqual({ pauses: 1, resumes: 0 });
});

it('what is of no kind in the contract is about no record', () => {
  const none: RecordStatement[] = [];
  expect(statementsOf(event('1', 'invoice.paid'))).toEqual(none);
});

it('each state has a FHIR status, and what is over, cancelled or missed keeps nobody’s time', () => {
  expect(Object.keys(fhirStatus)).toEqual([...appointmentStates]);
  expect(appointmentStates.filter((state) => !occupyingStates.includes(state))).toEqual([
    'completed',
    'cancelled',
    'no_show',
  ]);
});
