import { describe, expect, it } from 'vitest';
import { type AppointmentRecord, stateAppointmentFacts } from './appointment.ts';
import { stateConversationFacts } from './conversation.ts';
import { factDefinitions } from './fact-definitions.ts';
import { stateJourneyFacts } from './journey.ts';
import { stateJourneyStepFacts } from './journey-step.ts';
import { stateMessageFacts } from './message.ts';
import { localTimeColumns } from './statement-parts.ts';
import { appointment, at, conversation, journey, journeyStep, message } from './testing/records.ts';

type Stated = Readonly<Record<string, Readonly<Record<string, unknown>> | null>>;
const dayMs = 86_400_000;
const planted = 'Asha Rao +919812345678';
const ended = at('2026-11-25T05:00:00Z');

/** Every kind with a statement under each of its bases, and with a text planted wherever a record takes one. */
const everything: Record<string, (zone: string) => Stated> = {
  appointment: (zone) =>
    stateAppointmentFacts(
      {
        ...appointment,
        status: 'cancelled',
        cancelledAt: ended,
        channel: planted,
        appointmentType: planted,
        feeCurrency: planted,
      },
      zone,
    ),
  journey: (zone) =>
    stateJourneyFacts({ ...journey, status: 'completed', endedAt: ended, journeyType: planted }, zone),
  journey_step: (zone) =>
    stateJourneyStepFacts(
      {
        ...journeyStep,
        status: 'completed',
        completedAt: ended,
        journeyType: planted,
        step: planted,
        stage: planted,
      },
      zone,
    ),
  message: (zone) => stateMessageFacts({ ...message, channel: planted, language: planted }, zone),
  conversation: (zone) =>
    stateConversationFacts(
      {
        ...conversation,
        state: 'resolved',
        resolvedAt: ended,
        channel: planted,
        language: planted,
        labels: [planted],
      },
      zone,
    ),
};

describe.each(factDefinitions)('fact_$kind', (definition) => {
  const stated = everything[definition.kind]?.('Asia/Kolkata') ?? {};
  const statements = Object.values(stated).filter((statement) => statement !== null);
  const columns = [
    ...Object.keys(localTimeColumns(0, 'UTC')),
    'statement_version',
    ...Object.keys(definition.dimensions),
    ...definition.measures,
    ...definition.histograms,
  ];

  it('states each basis with each of its columns, and nothing besides', () => {
    expect(Object.keys(stated).sort()).toEqual(definition.bases.toSorted());
    expect(statements).toHaveLength(definition.bases.length);
    for (const statement of statements) expect(Object.keys(statement).sort()).toEqual(columns.toSorted());
  });

  it('has integers as measures and buckets', () => {
    for (const statement of statements) {
      const numbers = [
        ...definition.measures.map((name) => statement[name]),
        ...definition.histograms.map((name) => statement[name]),
      ].flat();
      expect(numbers.filter((number) => !Number.isSafeInteger(number))).toEqual([]);
    }
  });

  it('names each column once, and sums by dimensions that it has', () => {
    expect(new Set([...columns, definition.count]).size).toBe(columns.length + 1);
    expect(Object.keys(definition.dimensions)).toEqual(
      expect.arrayContaining([...definition.rollupDimensions]),
    );
  });

  it('lets no text through', () => {
    const text = JSON.stringify(stated);
    expect(text).not.toContain('Asha');
    expect(text).not.toContain('9812345678');
  });
});

describe('a statement’s day and hour', () => {
  it.each([
    ['Asia/Kolkata', '2026-11-20T18:40:00Z', '2026-11-21', '2026-11-20 18:30:00', 0],
    ['Australia/Lord_Howe', '2026-11-20T13:10:00Z', '2026-11-21', '2026-11-20 13:00:00', 0],
    ['America/New_York', '2026-11-01T05:30:00Z', '2026-11-01', '2026-11-01 05:00:00', 1],
    ['America/New_York', '2026-11-01T06:30:00Z', '2026-11-01', '2026-11-01 06:00:00', 1],
  ])('in %s at %s is %s', (zone, iso, date, hourStart, hour) => {
    expect(stateAppointmentFacts({ ...appointment, startsAt: at(iso) }, zone).starts).toMatchObject({
      local_date: date,
      hour_start: hourStart,
      local_hour: hour,
    });
  });

  it('refuses a zone that is none', () => {
    expect(() => stateMessageFacts(message, 'Mars/Olympus')).toThrow(RangeError);
  });
});

describe('signed statements', () => {
  it('leave after any changes the sums of what is true last', () => {
    const story: Partial<AppointmentRecord>[] = [
      { status: 'held' },
      {},
      { startsAt: appointment.startsAt + 3 * dayMs, practitionerId: null, moves: 1 },
      { status: 'cancelled', cancelledAt: ended, moves: 1 },
      { status: 'entered_in_error' },
      { status: 'completed', checkedInAt: appointment.startsAt + 1 },
    ];
    const sums = new Map<string, number>();
    const add = (stated: Stated, sign: number) => {
      for (const [key, value] of sumsOf(stated)) sums.set(key, (sums.get(key) ?? 0) + sign * value);
    };
    let before: Stated = {};
    for (const parts of story) {
      const now = stateAppointmentFacts({ ...appointment, ...parts }, 'Asia/Kolkata');
      add(before, -1);
      add(now, 1);
      before = now;
      const left = [...sums].filter(([, value]) => value !== 0).sort();
      expect(left).toEqual([...sumsOf(now)].filter(([, value]) => value !== 0).sort());
    }
    expect(sums.get('starts 2026-11-20 completed count')).toBe(1);
    expect(sums.get('starts 2026-11-23 scheduled count')).toBe(0);
  });
});

/** Counts, measures and buckets by basis, day and status. */
function sumsOf(stated: Stated): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [basis, statement] of Object.entries(stated)) {
    if (statement === null) continue;
    const key = `${basis} ${String(statement.local_date)} ${String(statement.status)}`;
    sums.set(`${key} count`, 1);
    for (const [column, value] of Object.entries(statement)) {
      if (typeof value === 'number') sums.set(`${key} ${column}`, value);
      if (Array.isArray(value)) for (const bucket of value) sums.set(`${key} ${column} ${bucket}`, 1);
    }
  }
  return sums;
}
