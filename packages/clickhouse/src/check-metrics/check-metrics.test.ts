import { describe, expect, it } from 'vitest';
import { factTables } from '../facts/index.ts';
import { checkMetrics } from './check-metrics.ts';
import { renderMetrics } from './render-metrics.ts';

const problemsWith = (kind: string, parts: object) =>
  checkMetrics(factTables.map((fact) => (fact.kind === kind ? { ...fact, ...parts } : fact))).flatMap(
    ({ problems }) => problems,
  );

describe('the check of metrics', () => {
  it('finds that the tables answer each of them', () => {
    const checked = checkMetrics();
    expect(checked.flatMap(({ problems }) => problems)).toEqual([]);
    expect(new Set(checked.map(({ category }) => category))).toEqual(
      new Set(['appointments', 'journeys', 'communication', 'voice_calls', 'realtime']),
    );
    for (const { id, tables, basis } of checked)
      expect([id, tables.length > 0, basis !== '']).toEqual([id, true, true]);
  });

  it.each([
    [
      'appointment',
      { rollupDimensions: ['channel'] },
      'no_show_rate: appointment has no column status in its daily',
    ],
    ['voice_call', { measures: [] }, 'connect_rate: voice_call has no column connected in its daily'],
    [
      'conversation',
      { histograms: [] },
      'first_response_median_minutes: conversation has no column first_response_ms_hist in its daily',
    ],
    [
      'conversation',
      { dimensions: {} },
      'unanswered_rate: conversation has no column waiting_since in its facts',
    ],
    [
      'message',
      { dimensions: { channel: 'String' } },
      'messages_total: message has no column language in its facts',
    ],
  ])('names a metric that tables of %s without what it needs can’t answer', (kind, parts, problem) => {
    expect(problemsWith(kind, parts)).toContain(problem);
  });

  it('names every metric of a kind that has no tables', () => {
    const without = checkMetrics(factTables.filter(({ kind }) => kind !== 'journey_step'));
    const wrong = without.filter(({ problems }) => problems.length > 0).map(({ id }) => id);
    expect(wrong).toContain('journey_overdue_rate');
    expect(wrong).not.toContain('journeys_started');
    expect(renderMetrics(without)).toMatch(/^journey_overdue_rate +NO /m);
  });

  it('shows each metric with its table, basis and columns', () => {
    const shown = renderMetrics(checkMetrics());
    expect(shown).toMatch(
      /^completion_rate +ok +analytics_appointment_hourly +starts +appointments status hour_start$/m,
    );
    expect(shown).toMatch(/^fill_rate +ok +appointments \+ practitioner_schedules /m);
    expect(shown).toMatch(/(\d+) of \1 metrics can be answered/);
  });
});
