import { factDefinitions } from '@switchboard/domain/facts/fact-definitions';
import { realtimeCatalogue } from '@switchboard/domain/metrics/realtime';
import { dimensionsOf, type RecordDimension } from '@switchboard/domain/metrics/record-dimensions';
import { isSummed, type SummedRecordMetric } from '@switchboard/domain/metrics/record-metric';
import { recordMetrics } from '@switchboard/domain/metrics/record-metrics';
import { emptyTotals, evaluate, termsIn } from '@switchboard/domain/metrics/totals';
import { addDays } from '@switchboard/domain/periods/local-date';
import { randomStatements } from '@switchboard/testkit/random-statements';
import { type StatedFact, totalsOfFacts } from '@switchboard/testkit/totals-of-facts';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type ClickHouse, createClickHouse } from '../client.ts';
import { factTables } from '../facts/index.ts';
import { migrateClickHouse } from '../migrate/migrate.ts';
import { compile } from './compile.ts';
import type { MetricQuery, Split } from './metric-query.ts';
import { readMetrics } from './read-metrics.ts';

const tenantId = '01890000-0000-7000-8000-0000000000aa';
const nobody = '01890000-0000-7000-8000-0000000000cc';
const zone = 'Asia/Kolkata';
const { url, user, password } = inject('engines').clickhouse;
const database = `record_metrics_${process.pid}`;
const days = { from: '2026-10-04', to: '2026-10-09' };
const span = { count: 400, seed: 11, from: Date.UTC(2026, 8, 28), to: Date.UTC(2026, 9, 16) };
/** Inside the period, so that some hours are over and some waits are long enough. */
const now = Date.parse('2026-10-08T09:20:00Z');
const metrics = recordMetrics.filter(isSummed);

const first = statedOf(randomStatements(span, zone));
const second = statedOf(randomStatements({ ...span, seed: 12, ids: 11 }, zone));
/** Every third record is told anew: what was stated of it is taken back. */
const isToldAnew = ({ entityId }: StatedFact) => Number.parseInt(entityId.slice(-2), 16) % 3 === 0;
const standing = [...first.filter((fact) => !isToldAnew(fact)), ...second.filter(isToldAnew)];

let clickhouse: ClickHouse;
let epoch = 0;
beforeAll(async () => {
  epoch = await migrateClickHouse({ url, user, password, database });
  clickhouse = createClickHouse({ url, user, password, database });
});
afterAll(async () => {
  await clickhouse.command('DROP DATABASE {database:Identifier}', { database });
  await clickhouse.close();
});

function statedOf(statements: ReturnType<typeof randomStatements>): StatedFact[] {
  return statements.flatMap(({ statement, ...one }) =>
    statement === null ? [] : [{ ...one, ...{ statement } }],
  );
}

async function insert(facts: readonly StatedFact[], sign: 1 | -1) {
  for (const { kind, name } of factTables) {
    const lines = facts
      .filter((fact) => fact.kind === kind)
      .map(({ entityId, basis, statement }) =>
        JSON.stringify({
          tenant_id: tenantId,
          block: 1,
          event_id: entityId,
          entity_id: entityId,
          basis,
          sign,
          ...statement,
        }),
      );
    if (lines.length === 0) continue;
    await clickhouse.insertBytes(`INSERT INTO ${name}_e${epoch} FORMAT JSONEachRow`, lines.join('\n'), {
      async_insert: 0,
    });
  }
}

const query = (parts: Partial<MetricQuery>): MetricQuery => ({
  catalogue: { kind: '', basis: '' },
  tenantId,
  metrics,
  splits: [{ id: 'all', kind: 'total' }],
  filters: [],
  range: days,
  now,
  ...parts,
});

/** The metrics whose value is not what the statements themselves say. */
function wrong(
  asked: readonly SummedRecordMetric[],
  totals: ReturnType<typeof emptyTotals> | undefined,
  facts: readonly StatedFact[],
  what: string,
  clock = now,
): string[] {
  return asked.flatMap((metric) => {
    const found = evaluate(metric, totals ?? emptyTotals());
    const expected = evaluate(metric, totalsOfFacts(metric, facts, clock));
    return JSON.stringify(found) === JSON.stringify(expected)
      ? []
      : [`${what}: ${metric.id} is ${JSON.stringify(found)}, stated ${JSON.stringify(expected)}`];
  });
}

const within = ({ from, to }: { from: string; to: string }) =>
  standing.filter(
    ({ statement }) => String(statement.local_date) >= from && String(statement.local_date) <= to,
  );
const valuesOf = ({ column, several }: RecordDimension, { statement }: StatedFact): string[] => {
  const value = statement[column];
  if (several) return Array.isArray(value) && value.length > 0 ? value.map(String) : [''];
  return [value === '00000000-0000-0000-0000-000000000000' ? '' : String(value)];
};
const kindsOf = (metric: SummedRecordMetric) => [
  ...new Set(termsIn(metric.calculation).map(({ fact }) => fact)),
];
const dimensionsIn = (metric: SummedRecordMetric) =>
  dimensionsOf(
    metric.category,
    factDefinitions.filter(({ kind }) => kindsOf(metric).includes(kind)),
  );

describe('every metric of the records', () => {
  it('is answered by tables that are empty: counts are 0, everything else is null', async () => {
    const groups = await readMetrics(clickhouse, query({ tenantId: nobody }));
    expect(wrong(metrics, groups.get('all')?.get(''), [], 'nothing')).toEqual([]);
  });

  it('is at its source what the statements say, those taken back left out', async () => {
    await insert(first, 1);
    await insert(first.filter(isToldAnew), -1);
    await insert(second.filter(isToldAnew), 1);
    const empty = new Set(metrics.map(({ id }) => id));
    for (const clock of [now, now + 20 * 86_400_000]) {
      const groups = await readMetrics(clickhouse, query({ now: clock }));
      expect(wrong(metrics, groups.get('all')?.get(''), within(days), 'all', clock)).toEqual([]);
      for (const metric of metrics)
        if (evaluate(metric, totalsOfFacts(metric, within(days), clock)).value) empty.delete(metric.id);
    }
    // What is compared is something: each metric has a value at one of these times.
    expect([...empty]).toEqual([]);
  });

  it.each(['daily', 'hourly'] as const)('of each %s bucket', async (aggregation) => {
    const series: Split = {
      id: 'series',
      kind: 'series',
      rule: { aggregation, start: days.from, firstWeekDays: 7 },
    };
    const groups = await readMetrics(clickhouse, query({ splits: [series] }));
    const found = groups.get('series');
    expect(found?.size).toBeGreaterThan(5);
    const keyOf = ({ statement }: StatedFact) =>
      aggregation === 'hourly'
        ? String(statement.hour_start)
        : String([0, 1, 2, 3, 4, 5].find((day) => addDays(days.from, day) === statement.local_date));
    const byKey = Map.groupBy(within(days), keyOf);
    const keys = aggregation === 'daily' ? [...byKey.keys()] : [...byKey.keys()].slice(0, 12);
    expect(keys.flatMap((key) => wrong(metrics, found?.get(key), byKey.get(key) ?? [], key))).toEqual([]);
  });

  const alike = Object.groupBy(metrics, (metric) => [metric.category, ...kindsOf(metric)].join(' '));
  it.each(Object.entries(alike))('of %s by each dimension, and filtered by it', async (_, asked = []) => {
    const [some] = asked;
    const dimensions = some ? dimensionsIn(some) : [];
    const splits = dimensions.map((dimension): Split => ({ id: dimension.id, kind: 'dimension', dimension }));
    const kinds = some ? kindsOf(some) : [];
    const own = within(days).filter(({ kind }) => kinds.includes(kind));
    const groups = await readMetrics(clickhouse, query({ metrics: asked, splits }));
    for (const dimension of dimensions) {
      const keys = [...new Set(own.flatMap((fact) => valuesOf(dimension, fact)))];
      expect([...(groups.get(dimension.id)?.keys() ?? [])].sort()).toEqual(keys.toSorted());
      const differing = keys.flatMap((key) => {
        const facts = own.filter((fact) => valuesOf(dimension, fact).includes(key));
        return wrong(asked, groups.get(dimension.id)?.get(key), facts, `${dimension.id} ${key}`);
      });
      expect(differing).toEqual([]);
      const values = keys.slice(0, 2);
      const filtered = await readMetrics(
        clickhouse,
        query({ metrics: asked, filters: [{ dimension, values }] }),
      );
      const facts = own.filter((fact) => valuesOf(dimension, fact).some((value) => values.includes(value)));
      expect(wrong(asked, filtered.get('all')?.get(''), facts, `where ${dimension.id} is ${values}`)).toEqual(
        [],
      );
    }
  });

  it('and what compares the hour with the usual one, is read from hourly sums', async () => {
    const sums = realtimeCatalogue.flatMap(({ calculation }) =>
      calculation.kind === 'against_usual'
        ? [{ calculation: { kind: 'sum', of: calculation.of } as const }]
        : [],
    );
    expect(sums).toHaveLength(1);
    const rule = { aggregation: 'hourly', start: days.from, firstWeekDays: 7 } as const;
    const asked = query({ metrics: sums, splits: [{ id: 'series', kind: 'series', rule }] });
    expect(compile(asked).map(({ sql }) => sql.match(/api_\w+/)?.[0])).toEqual(['api_voice_call_hourly']);
    expect((await readMetrics(clickhouse, asked)).get('series')?.size).toBe(0);
  });

  it('that asks whether a time has gone by is refused without a clock', async () => {
    await expect(readMetrics(clickhouse, query({ now: undefined }))).rejects.toMatchObject({
      code: 'query_without_now',
    });
  });
});
