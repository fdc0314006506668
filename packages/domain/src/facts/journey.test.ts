import { describe, expect, it } from 'vitest';
import { bucketOf } from '../histogram.ts';
import { stateJourneyFacts } from './journey.ts';
import { stateJourneyStepFacts } from './journey-step.ts';
import { at, journey, journeyStep } from './testing/records.ts';

const zone = 'Asia/Kolkata';
const dayMs = 86_400_000;

describe('what a journey states', () => {
  it('has a start always, and an end while it is over', () => {
    const endedAt = at('2026-11-20T19:00:00Z');
    expect(stateJourneyFacts(journey, zone).ended).toBeNull();
    const ended = stateJourneyFacts({ ...journey, status: 'canceled', endedAt }, zone);
    expect(ended.ended).toMatchObject({ local_date: '2026-11-21', status: 'canceled', duration_ms_hist: [] });
    expect(stateJourneyFacts({ ...journey, status: 'active', endedAt }, zone).ended).toBeNull();
  });

  it('tells how long it took when it was completed', () => {
    const endedAt = journey.startedAt + 19 * dayMs;
    expect(stateJourneyFacts({ ...journey, status: 'completed', endedAt }, zone).ended).toMatchObject({
      duration_ms_hist: [bucketOf(19 * dayMs)],
    });
  });

  it('was resumed only if it was paused', () => {
    expect(stateJourneyFacts({ ...journey, pauses: 0, resumes: 1 }, zone).started).toMatchObject({
      was_paused: 0,
      was_resumed: 0,
    });
    expect(stateJourneyFacts({ ...journey, pauses: 2, resumes: 1 }, zone).started).toMatchObject({
      was_paused: 1,
      was_resumed: 1,
    });
  });

  it('states nothing when it was a mistake or a test', () => {
    const nothing = { started: null, ended: null };
    expect(stateJourneyFacts({ ...journey, status: 'entered_in_error' }, zone)).toEqual(nothing);
    expect(stateJourneyFacts({ ...journey, isTest: true }, zone)).toEqual(nothing);
  });
});

describe('what a step states', () => {
  const dueAt = at('2026-11-10T05:00:00Z');
  const completed = (completedAt: number, advancedAt: number | null = null) =>
    stateJourneyStepFacts({ ...journeyStep, status: 'completed', dueAt, completedAt, advancedAt }, zone);

  it('counts under its due day, and under its completion while it is completed', () => {
    expect(stateJourneyStepFacts(journeyStep, zone)).toMatchObject({
      due: { local_date: '2026-11-10', open: 1, done: 0 },
      completed: null,
    });
    expect(completed(dueAt + dayMs)).toMatchObject({
      due: { local_date: '2026-11-10', open: 0, done: 1, on_time: 0 },
      completed: { local_date: '2026-11-11', delay_ms_hist: [bucketOf(dayMs)] },
    });
  });

  it('is on time up to the due instant, and may be early', () => {
    expect(completed(dueAt).due).toMatchObject({ on_time: 1, delay_ms_hist: [0] });
    expect(completed(dueAt - dayMs).due).toMatchObject({ on_time: 1, delay_ms_hist: [bucketOf(-dayMs)] });
  });

  it('without a due date counts under its completion alone, and is neither in time nor late', () => {
    const facts = stateJourneyStepFacts(
      { ...journeyStep, status: 'completed', dueAt: null, completedAt: dueAt },
      zone,
    );
    expect(facts.due).toBeNull();
    expect(facts.completed).toMatchObject({ due_known: 0, on_time: 0, delay_ms_hist: [] });
  });

  it('advances within 14 days', () => {
    const dropped = (advancedAt: number | null) => completed(dueAt, advancedAt).completed?.not_advanced_14d;
    expect(dropped(null)).toBe(1);
    expect(dropped(dueAt + 14 * dayMs)).toBe(0);
    expect(dropped(dueAt + 14 * dayMs + 1)).toBe(1);
  });

  it.each(['dropped', 'entered_in_error'] as const)('states nothing when it is %s', (status) => {
    expect(stateJourneyStepFacts({ ...journeyStep, status }, zone)).toEqual({ due: null, completed: null });
  });
});
