import { createCallGenerator } from '@switchboard/testkit/simulate/call-generator';
import { tellHistory } from '@switchboard/testkit/simulate/history/tell-history';
import { createLiveRecords } from '@switchboard/testkit/simulate/live-records';
import { expect, it } from 'vitest';
import { createRecordReader, type RecordContent } from '../records/read-record.ts';
import { createVendors } from '../vendors/index.ts';
import { createReadCloudEvent } from './read-cloud-event.ts';

it('a simulated history is valid to the last event and call, and leaves nothing unknown', () => {
  const endAt = Date.parse('2026-11-20T12:00:00Z');
  const read = createReadCloudEvent(createRecordReader());
  const zoice = createVendors().get('zoice');
  const wrong: unknown[] = [];
  const steps: RecordContent['step'][] = [];
  for (const one of tellHistory({ seed: 3, endAt, days: 60, patients: 50 })) {
    if (one.kind === 'event') {
      const result = read(one.event, endAt);
      if (!result.ok || result.event.content.extra !== null || result.warnings.length > 0) wrong.push(result);
      else if (one.event.type === 'journey.step_scheduled') steps.push(result.event.content.step);
      continue;
    }
    for (const body of one.bodies) {
      const result = zoice?.read({ ...body }, endAt);
      if (!result?.ok) wrong.push(result);
    }
  }
  expect(wrong).toEqual([]);
  expect(steps.filter((step) => step?.step_type && step.stage)).toEqual(steps);
  expect(steps).not.toEqual([]);
});

it('what is simulated while calls come in is valid, and changes only what was booked', () => {
  const startAt = Date.parse('2026-11-20T06:00:00Z');
  const read = createReadCloudEvent(createRecordReader());
  const tell = () => {
    const calls = createCallGenerator(4, { startAt, everyMs: 30_000 });
    const records = createLiveRecords({ seed: 4, startAt });
    return Array.from({ length: 200 }, (_, index) =>
      records.after(calls.nextCall(), startAt + index * 30_000),
    ).flat();
  };
  const events = tell();
  expect(tell()).toEqual(events);
  expect(
    events.flatMap((event) => {
      const result = read(event, startAt + 200 * 30_000);
      return result.ok ? [] : result.errors;
    }),
  ).toEqual([]);
  const booked = new Set<string>();
  for (const { type, subject } of events.filter(({ type: one }) => one.startsWith('appointment.'))) {
    if (type === 'appointment.booked') expect(booked).not.toContain(subject);
    else expect(booked).toContain(subject);
    booked.add(subject);
  }
  expect(new Set(events.map(({ type }) => type))).toEqual(
    new Set([
      'patient.updated',
      'message.sent',
      ...['booked', 'rescheduled', 'cancelled', 'checked_in', 'completed', 'no_show'].map(
        (one) => `appointment.${one}`,
      ),
    ]),
  );
});
