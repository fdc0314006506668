import { localDateAt, localHourAt } from '@switchboard/domain/periods/zone';
import { describe, expect, it } from 'vitest';
import type { ClinicEventBody } from '../clinic-event.ts';
import { createClinicTime, dayMs } from './clinic-time.ts';
import { tellHistory } from './tell-history.ts';

const endAt = Date.parse('2026-11-20T12:00:00Z');
const timeZone = 'Asia/Kolkata';
const options = { seed: 11, endAt, days: 90, patients: 180 };
const history = tellHistory(options);
const events = history.flatMap((one) => (one.kind === 'event' ? [one.event] : []));
const calls = history.flatMap((one) => (one.kind === 'call' ? [one] : []));

/** The events of each record, in order of time. */
function storiesOf(kind: string): ClinicEventBody[][] {
  const stories = new Map<string, ClinicEventBody[]>();
  for (const event of events.filter(({ type }) => type.startsWith(`${kind}.`)))
    stories.set(event.subject, [...(stories.get(event.subject) ?? []), event]);
  return [...stories.values()];
}
const at = (event: ClinicEventBody | undefined) => Date.parse(event?.time ?? '');
const told = (event: ClinicEventBody | undefined, name: string) => String(event?.data[name] ?? '');
const nameIn = (value: unknown, name: string) => String(Reflect.get(Object(value), name));
const isEnd = ({ type }: ClinicEventBody) => /\.(completed|cancelled|no_show|canceled)$/.test(type);

describe('a history', () => {
  it('is the same for the same seed, and another for another seed or end', { timeout: 60_000 }, () => {
    expect(tellHistory(options)).toEqual(history);
    const ids = new Set(events.map(({ id }) => id));
    expect(ids.size).toBe(events.length);
    for (const other of [{ seed: 12 }, { endAt: endAt + 1_000 }])
      for (const one of tellHistory({ ...options, patients: 20, ...other }))
        if (one.kind === 'event') expect(ids.has(one.event.id)).toBe(false);
  });

  it('happens within its days, in order, and holds every kind of event', () => {
    const times = history.map((one) => one.at);
    expect(times).toEqual(times.toSorted((left, right) => left - right));
    expect(Math.min(...times)).toBeGreaterThan(endAt - 91 * dayMs);
    expect(Math.max(...times)).toBeLessThanOrEqual(endAt);
    expect(new Set(events.map(({ type }) => type))).toEqual(
      new Set([
        'patient.created',
        ...['booked', 'confirmed', 'rescheduled', 'checked_in', 'completed', 'cancelled', 'no_show'].map(
          (one) => `appointment.${one}`,
        ),
        ...['started', 'step_scheduled', 'step_completed', 'paused', 'resumed', 'completed', 'canceled'].map(
          (one) => `journey.${one}`,
        ),
        'message.sent',
      ]),
    );
  });

  it('knows a patient before anything is told of them', () => {
    const since = new Map(storiesOf('patient').map(([first]) => [first?.subject, at(first)]));
    expect(since.size).toBe(options.patients);
    for (const event of events) {
      const patient = Reflect.get(Object(event.data.patient), 'external_id');
      if (patient !== undefined)
        expect(at(event)).toBeGreaterThanOrEqual((since.get(String(patient)) ?? Number.NaN) - 240_000);
    }
  });
});

describe('an appointment', () => {
  const stories = storiesOf('appointment');

  it('is booked first, goes on in time, and has one end', () => {
    expect(stories.length).toBeGreaterThan(200);
    for (const story of stories) {
      expect(story[0]?.type).toBe('appointment.booked');
      expect(story.filter(isEnd).length).toBeLessThanOrEqual(1);
      expect(story.slice(0, -1).filter(isEnd)).toEqual([]);
      const times = story.map(at);
      expect(times).toEqual(times.toSorted((left, right) => left - right));
    }
  });

  it('is moved from where it was, and ends when its time has come', () => {
    for (const story of stories) {
      let start = '';
      for (const event of story) {
        if (event.type === 'appointment.rescheduled') expect(told(event, 'moved_from_start')).toBe(start);
        if (event.data.start) start = told(event, 'start');
        const { type } = event;
        if (type === 'appointment.cancelled') expect(at(event)).toBeLessThan(Date.parse(start));
        if (type === 'appointment.completed' || type === 'appointment.no_show')
          expect(at(event)).toBeGreaterThan(Date.parse(start));
      }
      const due = Date.parse(start);
      if (due < endAt - 3 * 3_600_000) expect(story.some(isEnd)).toBe(true);
      if (due > endAt)
        expect(story.every((event) => !isEnd(event) || event.type === 'appointment.cancelled')).toBe(true);
    }
  });

  it('never has its practitioner’s time with another', () => {
    const kept = stories.filter((story) => story.at(-1)?.type !== 'appointment.cancelled');
    const visits = kept.map((story) => ({
      doctor: nameIn(story[0]?.data.practitioner, 'name'),
      start: Date.parse(
        told(
          story.findLast(({ data }) => data.start),
          'start',
        ),
      ),
      end: Date.parse(
        told(
          story.findLast(({ data }) => data.end),
          'end',
        ),
      ),
    }));
    visits.sort((one, other) => one.doctor.localeCompare(other.doctor) || one.start - other.start);
    const clashes = visits.filter(({ doctor, start }, index) => {
      const before = visits[index - 1];
      return before?.doctor === doctor && before.end > start;
    });
    expect(visits.length).toBeGreaterThan(200);
    expect(clashes).toEqual([]);
  });

  it('that a call has booked is the one that was spoken of, with the caller', () => {
    const phones = new Map(
      storiesOf('patient').map(([first]) => [first?.subject, [first?.data.phones].flat()[0]]),
    );
    const booked = calls.filter(({ bodies }) => bodies.some(({ outcome }) => outcome === 'booked'));
    const byVoice = stories.flatMap(([first]) => (first?.data.channel === 'voice' ? [first] : []));
    expect(byVoice.length).toBeGreaterThan(80);
    for (const event of byVoice) {
      const call = booked.find(
        (one) =>
          Math.abs(one.at + 60_000 - at(event)) < 1_000 &&
          one.bodies.some((body) => body.call.from === phones.get(nameIn(event.data.patient, 'external_id'))),
      );
      const said = call?.bodies
        .flatMap(({ transcript }) => transcript?.turns ?? [])
        .map(({ text }) => text)
        .join(' ');
      const doctor = nameIn(event.data.practitioner, 'name').split(' ').at(-1) ?? '';
      expect(said?.toLowerCase()).toContain(doctor.toLowerCase());
    }
  });
});

describe('a call', () => {
  const outcomeOf = (outcome: string) =>
    calls.filter(({ bodies }) => bodies.some((body) => body.outcome === outcome));
  const inTime = ({ at }: { at: number }) => at < endAt - 60_000;

  it('that says it booked or moved something has done so', () => {
    const of = (type: string, voice: boolean) =>
      new Set(
        events
          .filter((event) => event.type === type && (!voice || event.data.channel === 'voice'))
          .map((event) => at(event) - 60_000),
      );
    for (const [outcome, times] of [
      ['booked', of('appointment.booked', true)],
      ['rescheduled', of('appointment.rescheduled', false)],
    ] as const) {
      const some = outcomeOf(outcome).filter(inTime);
      expect(some.length).toBeGreaterThan(20);
      for (const call of some) expect(times.has(Math.floor(call.at / 1_000) * 1_000)).toBe(true);
    }
  });

  it('that cancels is the patient’s, and so is what the clinic’s system tells of it', () => {
    const cancelled = new Map(
      events
        .filter(({ type }) => type === 'appointment.cancelled')
        .map((event) => [at(event) - 60_000, event.data.cancelled_by]),
    );
    const some = outcomeOf('cancelled').filter(inTime);
    expect(some.length).toBeGreaterThan(5);
    for (const call of some) expect(cancelled.get(Math.floor(call.at / 1_000) * 1_000)).toBe('patient');
  });

  it('that is refused a time asked for one that somebody had', () => {
    const refused = outcomeOf('unresolved').flatMap(({ bodies }) =>
      bodies.flatMap(({ extraction }) => (extraction?.entities.time ? [extraction.entities] : [])),
    );
    const starts = new Set(
      events.flatMap(({ data }) => (typeof data.start === 'string' ? [data.start.slice(0, 16)] : [])),
    );
    expect(refused.length).toBeGreaterThan(5);
    for (const { date, time } of refused) expect(starts.has(`${String(date)}T${String(time)}`)).toBe(true);
  });
});

describe('a clinic’s ninety days', () => {
  it('have about as many visits each week, 5 to 15 % of them missed, and none on Sundays', () => {
    const starts = events
      .filter(({ type }) => /appointment\.(completed|no_show)/.test(type))
      .map((event) => ({
        week: Math.floor((endAt - at(event)) / (7 * dayMs)),
        missed: event.type.endsWith('no_show'),
      }));
    const perWeek = Array.from({ length: 11 }, (_, week) => starts.filter((one) => one.week === week).length);
    expect(Math.min(...perWeek)).toBeGreaterThan(Math.max(...perWeek) / 4);
    const missed = starts.filter((one) => one.missed).length / starts.length;
    expect(missed).toBeGreaterThan(0.05);
    expect(missed).toBeLessThan(0.15);
    const booked = events.filter(({ type }) => type === 'appointment.booked');
    const onSunday = (event: ClinicEventBody) =>
      new Date(`${told(event, 'start').slice(0, 10)}T00:00:00Z`).getUTCDay() === 0;
    expect(booked.filter(onSunday)).toEqual([]);
  });

  it('have messages that are answered', () => {
    const chats = Map.groupBy(
      events.filter(({ type }) => type === 'message.sent'),
      ({ data }) => nameIn(data.patient, 'external_id'),
    );
    const asked = [...chats.values()].filter((some) => some.some(({ data }) => data.direction === 'inbound'));
    const answered = asked.filter((some) => some.some(({ data }) => data.direction === 'outbound'));
    expect(asked.length).toBeGreaterThan(50);
    expect(answered.length).toBeGreaterThan(asked.length * 0.9);
    expect(JSON.stringify([...chats.values()])).not.toMatch(/\{(?:doctor|when)\}/);
  });
});

describe('a journey', () => {
  it('has its steps from the start, and some that are overdue', () => {
    let overdue = 0;
    for (const story of storiesOf('journey')) {
      expect(story[0]?.type).toBe('journey.started');
      const step = (event: ClinicEventBody) => nameIn(event.data.step, 'external_id');
      const planned = story.filter(({ type }) => type === 'journey.step_scheduled');
      const done = story.filter(({ type }) => type === 'journey.step_completed').map(step);
      for (const one of done) expect(planned.map(step)).toContain(one);
      if (story.at(-1)?.type === 'journey.completed') expect(done).toHaveLength(planned.length);
      if (story.some(isEnd)) continue;
      overdue += planned.filter(
        (event) => !done.includes(step(event)) && Date.parse(nameIn(event.data.step, 'due_at')) < endAt,
      ).length;
    }
    expect(overdue).toBeGreaterThan(5);
  });
});

describe('the clinic’s time', () => {
  it('has quiet nights and Sundays', () => {
    const part = (test: (at: number) => boolean) =>
      calls.filter((call) => test(call.at)).length / calls.length;
    expect(part((one) => localHourAt(one, timeZone) < 7 || localHourAt(one, timeZone) >= 22)).toBeLessThan(
      0.05,
    );
    const isSunday = (one: number) => new Date(`${localDateAt(one, timeZone)}T00:00:00Z`).getUTCDay() === 0;
    expect(part(isSunday)).toBeLessThan(0.05);
  });

  it('has one week in which more is missed and lost', () => {
    const { isBad } = createClinicTime({ timeZone, startAt: endAt - 90 * dayMs, days: 90 });
    const rate = (of: ClinicEventBody[], test: (event: ClinicEventBody) => boolean, bad: boolean) => {
      const some = of.filter((event) => isBad(at(event)) === bad);
      return some.filter(test).length / some.length;
    };
    const ended = events.filter(({ type }) => /appointment\.(completed|no_show)/.test(type));
    const missed = ({ type }: ClinicEventBody) => type === 'appointment.no_show';
    expect(rate(ended, missed, true)).toBeGreaterThan(rate(ended, missed, false) * 1.7);
    const sent = events.filter(({ data }) => data.direction === 'outbound');
    const lost = ({ data }: ClinicEventBody) => data.status === 'undelivered';
    expect(rate(sent, lost, true)).toBeGreaterThan(rate(sent, lost, false) * 2);
  });
});
