import { findDimension } from '@switchboard/domain/metrics/catalogue';
import { isSummed } from '@switchboard/domain/metrics/record-metric';
import { recordMetrics } from '@switchboard/domain/metrics/record-metrics';
import { voiceCallCatalogue } from '@switchboard/domain/metrics/voice-calls';
import { describe, expect, test } from 'vitest';
import { findFact } from '../blocks/insert-block.ts';
import { compile } from './compile.ts';
import { type MetricQuery, type Split, tableFor } from './metric-query.ts';

const calls = findFact('voice_call');
const dimension = (id: string) => {
  const found = findDimension(voiceCallCatalogue, id);
  if (!found) throw new Error(`no dimension ${id}`);
  return found;
};
const by = (id: string): Split => ({ id, kind: 'dimension', dimension: dimension(id) });
const series = (aggregation: 'hourly' | 'daily' | 'weekly'): Split => ({
  id: 'series',
  kind: 'series',
  rule: { aggregation, start: '2026-11-14', firstWeekDays: 2 },
});
const tenantId = '01890000-0000-7000-8000-000000000001';
const ask = (query: Partial<MetricQuery>) =>
  compile({
    catalogue: voiceCallCatalogue,
    tenantId,
    metrics: voiceCallCatalogue.metrics.filter((metric) => metric.source === 'daily'),
    splits: [series('daily')],
    filters: [],
    range: { from: '2026-11-14', to: '2026-11-20' },
    ...query,
  });
const tablesIn = (queries: ReturnType<typeof ask>) =>
  queries.map(({ sql }) => sql.match(/api_voice_call_(\w+)\(/)?.[1]);

describe('the table is the coarsest that holds what is asked', () => {
  test('by split and filter', () => {
    expect(tableFor(calls, series('weekly'), [])).toBe('daily');
    expect(tableFor(calls, series('hourly'), [])).toBe('hourly');
    expect(tableFor(calls, by('intent'), [])).toBe('daily');
    expect(tableFor(calls, by('hour'), [])).toBe('hourly');
    expect(tableFor(calls, by('language'), [])).toBe('facts');
    expect(tableFor(calls, by('intent'), [{ dimension: dimension('agent'), values: ['a'] }])).toBe('facts');
  });

  test('one query serves the series and all breakdowns of a table', () => {
    expect(tablesIn(ask({ splits: [series('daily'), by('intent'), by('status')] }))).toEqual(['daily']);
    expect(tablesIn(ask({ splits: [series('daily'), by('hour'), by('agent')] }))).toEqual([
      'daily',
      'hourly',
      'facts',
    ]);
    expect(tablesIn(ask({ splits: [{ id: 'total', kind: 'total' }] }))).toEqual(['daily']);
    expect(tablesIn(ask({ splits: [{ id: 'total', kind: 'total' }, series('daily')] }))).toEqual(['daily']);
  });

  test('distinct counts come from the facts, of ids that are still stated', () => {
    const queries = ask({ metrics: voiceCallCatalogue.metrics });
    expect(tablesIn(queries)).toEqual(['daily', 'facts']);
    expect(queries[1]?.sql).toContain('HAVING sum(sign) > 0');
  });

  test('a cut inside the last day takes that day from the facts', () => {
    const until = Date.parse('2026-11-20T04:00:00Z');
    const cut = ask({ range: { from: '2026-11-14', to: '2026-11-20', until } });
    expect(tablesIn(cut)).toEqual(['daily', 'facts']);
    expect(Object.values(cut[0]?.params ?? {})).toContain('2026-11-19');
    expect(Object.values(cut[1]?.params ?? {})).toContain(until);
    expect(tablesIn(ask({ range: { from: '2026-11-20', to: '2026-11-20', until } }))).toEqual(['facts']);
  });
});

test('no value of a request stands in the SQL', () => {
  const evil = `x') OR 1=1 --`;
  const queries = ask({
    metrics: voiceCallCatalogue.metrics,
    filters: [{ dimension: dimension('language'), values: [evil] }],
  });
  for (const { sql, params } of queries) {
    expect(sql).not.toContain(evil);
    expect(sql).not.toContain(tenantId);
    expect(Object.values(params)).toContainEqual([evil]);
    for (const name of Object.keys(params)) expect(sql).toContain(`{${name}:`);
  }
});

describe('metrics of the records', () => {
  const asked = (...ids: string[]) => recordMetrics.filter(isSummed).filter(({ id }) => ids.includes(id));
  const total: Split = { id: 'all', kind: 'total' };
  const now = Date.parse('2026-11-20T06:30:00Z');
  const viewsOf = (queries: ReturnType<typeof ask>) =>
    queries.map(({ sql }) => sql.match(/api_(\w+)\(/)?.[1]);
  const askRecords = (ids: string[], parts: Partial<MetricQuery> = {}) =>
    ask({ metrics: asked(...ids), splits: [total], now, ...parts });

  test('each is read from the coarsest table that tells what it counts, one SELECT per kind, date and table', () => {
    expect(viewsOf(askRecords(['no_show_rate', 'appointments_total']))).toEqual(['appointment_daily']);
    expect(viewsOf(askRecords(['completion_rate', 'no_show_rate'])).sort()).toEqual([
      'appointment_daily',
      'appointment_hourly',
    ]);
    expect(viewsOf(askRecords(['unanswered_rate']))).toEqual(['conversation_facts', 'conversation_daily']);
    expect(viewsOf(askRecords(['patients_new'])).sort()).toEqual(['appointment_daily', 'conversation_daily']);
    expect(viewsOf(askRecords(['multi_channel_rate']))).toEqual(['conversation_facts', 'conversation_facts']);
  });

  test('an hour is over when it began an hour ago, and 14 days and an hour when that is long ago', () => {
    const cutOf = (id: string) =>
      askRecords([id]).flatMap(({ params }) =>
        Object.values(params).filter((value) => typeof value === 'number'),
      );
    expect(cutOf('completion_rate')).toEqual([now - 3_600_000, now - 3_600_000]);
    expect(new Set(cutOf('journey_step_drop_off_rate'))).toEqual(
      new Set([now - 14 * 86_400_000 - 3_600_000]),
    );
  });

  test('the whole is asked for where groups don’t add up to it: an entity may have several labels', () => {
    const label: Split = { id: 'label', kind: 'dimension', dimension: { column: 'labels', several: true } };
    const splitsOf = (splits: Split[]) =>
      askRecords(['conversations_total'], { splits }).map((query) => query.splits.map(({ id }) => id));
    expect(splitsOf([total, label])).toEqual([['all'], ['label']]);
    expect(splitsOf([total, series('daily'), label])).toEqual([['series'], ['label']]);
  });

  test('what is unknown is the zero id where a column holds ids', () => {
    const values = ['', tenantId];
    const filters = [{ dimension: { column: 'practitioner_id' }, values }];
    const [compiled] = askRecords(['appointments_total'], { filters });
    expect(Object.values(compiled?.params ?? {})).toContainEqual([
      '00000000-0000-0000-0000-000000000000',
      tenantId,
    ]);
  });
});
