import { stateVoiceCall } from '@switchboard/domain/facts/voice-call';
import { factValueOf, findDimension } from '@switchboard/domain/metrics/catalogue';
import { addTotals, emptyTotals, evaluate, type Totals } from '@switchboard/domain/metrics/totals';
import { voiceCallCatalogue } from '@switchboard/domain/metrics/voice-calls';
import { type BucketRule, bucketRuleOf, bucketsOf } from '@switchboard/domain/periods/buckets';
import { comparePeriodOf } from '@switchboard/domain/periods/compare';
import { type Aggregation, type Period, resolvePeriod } from '@switchboard/domain/periods/period';
import { localDateAt } from '@switchboard/domain/periods/zone';
import { type RandomCall, randomCalls } from '@switchboard/testkit/random-calls';
import { recountVoiceMetrics } from '@switchboard/testkit/recount-voice-metrics';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type ClickHouse, createClickHouse } from '../client.ts';
import { migrateClickHouse } from '../migrate/migrate.ts';
import type { MetricQuery, Split } from './metric-query.ts';
import { readMetrics } from './read-metrics.ts';

const tenantId = '01890000-0000-7000-8000-0000000000aa';
const otherTenantId = '01890000-0000-7000-8000-0000000000bb';
const hourMs = 3_600_000;
const { url, user, password } = inject('engines').clickhouse;
const database = `read_metrics_${process.pid}`;
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

async function insert(calls: readonly RandomCall[], tenant: string, zone: string, sign: 1 | -1) {
  const lines = calls.map((call) =>
    JSON.stringify({
      tenant_id: tenant,
      block: 1,
      event_id: call.id,
      entity_id: call.id,
      basis: 'started',
      sign,
      ...stateVoiceCall(call, zone),
    }),
  );
  await clickhouse.insertBytes(`INSERT INTO fact_voice_call_e${epoch} FORMAT JSONEachRow`, lines.join('\n'), {
    async_insert: 0,
  });
}

const dimensionSplits: Split[] = ['intent', 'hour', 'weekday', 'language'].map((id) => {
  const dimension = findDimension(voiceCallCatalogue, id);
  if (!dimension) throw new Error(id);
  return { id, kind: 'dimension', dimension };
});
const query = (tenant: string, given: Pick<MetricQuery, 'splits' | 'range'>): MetricQuery => ({
  catalogue: voiceCallCatalogue,
  tenantId: tenant,
  metrics: voiceCallCatalogue.metrics,
  filters: [],
  ...given,
});

function expectMetrics(totals: Totals, calls: readonly RandomCall[], what: string) {
  const wrong = voiceCallCatalogue.metrics.flatMap((metric) => {
    const { value } = evaluate(metric, totals);
    const expected = recountVoiceMetrics[metric.id]?.(calls);
    const tolerance =
      metric.calculation.kind === 'quantile' ? Math.max(1e-3, (expected ?? 0) * 0.0101) : 1e-5;
    const equal =
      typeof expected === 'number' && value !== null
        ? Math.abs(value - expected) <= tolerance
        : value === expected;
    return equal ? [] : [`${what}: ${metric.id} is ${value}, recounted ${expected}`];
  });
  expect(wrong).toEqual([]);
}

describe.each([
  ['Asia/Kolkata', '2026-11-20T09:23:00+05:30', 1],
  ['Australia/Lord_Howe', '2026-10-04T23:10:00+11:00', 2],
  ['Australia/Lord_Howe', '2026-04-05T23:10:00+10:30', 4],
  ['America/New_York', '2026-11-01T12:00:00-05:00', 3],
])('%s', (zone, nowText, seed) => {
  const now = Date.parse(nowText);
  const tenant = tenantId.replace(/a$/, String(seed));
  const period = (aggregation: Aggregation, timePeriod: 'last_30_days' | 'last_7_days' = 'last_7_days') =>
    resolvePeriod({ timePeriod, aggregation }, { zone, firstWeekday: 7, now });
  let calls: RandomCall[] = [];

  beforeAll(async () => {
    const span = { from: now - 62 * 24 * hourMs, to: now };
    const firstTold = randomCalls({ ...span, count: 1_500, seed });
    const later = randomCalls({ ...span, count: 1_500, seed: seed + 100 });
    // Half of the calls are told once, half are told anew: taken back as they were and stated again.
    calls = firstTold.map((call, index) =>
      index % 2 === 0 ? call : { ...(later[index] ?? call), id: call.id },
    );
    await insert(firstTold, tenant, zone, 1);
    await insert(
      firstTold.filter((_, index) => index % 2 === 1),
      tenant,
      zone,
      -1,
    );
    await insert(
      calls.filter((_, index) => index % 2 === 1),
      tenant,
      zone,
      1,
    );
    await insert(randomCalls({ ...span, count: 200, seed: 99 }), otherTenantId, zone, 1);
  });

  const within = (from: number, to: number) => calls.filter(({ beganAt }) => beganAt >= from && beganAt < to);
  const inPeriod = (of: Pick<Period, 'start' | 'end'>) =>
    calls.filter(({ beganAt }) => {
      const date = localDateAt(beganAt, zone);
      return date >= of.start && date <= of.end;
    });

  test.each([
    ['hourly', 'last_7_days'],
    ['daily', 'last_30_days'],
    ['weekly', 'last_30_days'],
    ['monthly', 'last_30_days'],
  ] as const)('every metric of every %s bucket is what a recount says', async (aggregation, timePeriod) => {
    const asked = period(aggregation, timePeriod);
    const rule: BucketRule = bucketRuleOf(asked);
    const groups = await readMetrics(
      clickhouse,
      query(tenant, {
        splits: [{ id: 'series', kind: 'series', rule }, { id: 'all', kind: 'total' }, ...dimensionSplits],
        range: { from: asked.start, to: asked.end },
      }),
    );
    const series = groups.get('series') ?? new Map<string, Totals>();
    const sum = emptyTotals();
    const seen = new Set<string>();
    for (const bucket of bucketsOf(asked)) {
      const key =
        aggregation === 'hourly'
          ? new Date(bucket.start).toISOString().replace('T', ' ').slice(0, 19)
          : bucket.key;
      const totals = series.get(key) ?? emptyTotals();
      seen.add(key);
      expectMetrics(totals, within(bucket.start, bucket.end), `${aggregation} ${key}`);
      addTotals(sum, totals);
    }
    expect([...series.keys()].filter((key) => !seen.has(key))).toEqual([]);
    sum.distincts = groups.get('all')?.get('')?.distincts ?? new Map();
    expectMetrics(sum, inPeriod(asked), 'the whole');
  });

  test('breakdowns', async () => {
    const asked = period('daily');
    const groups = await readMetrics(
      clickhouse,
      query(tenant, { splits: dimensionSplits, range: { from: asked.start, to: asked.end } }),
    );
    for (const [key, totals] of groups.get('intent') ?? []) {
      expectMetrics(
        totals,
        inPeriod(asked).filter((call) => (call.intent ?? '') === key),
        `intent ${key}`,
      );
    }
    expect([...(groups.get('language')?.keys() ?? [])].sort()).toEqual(['', 'en-IN', 'hi', 'mr']);
    expect(groups.get('weekday')?.size).toBe(7);
    const hour = Number([...(groups.get('hour')?.keys() ?? [])][0]);
    const ofHour = inPeriod(asked).filter((call) => {
      const text = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', hourCycle: 'h23', timeZone: zone });
      return Number(text.format(call.beganAt)) === hour;
    });
    expectMetrics(groups.get('hour')?.get(String(hour)) ?? emptyTotals(), ofHour, `hour ${hour}`);
  });

  test('filters, also by what only the facts hold', async () => {
    const asked = period('daily');
    for (const [id, value] of [
      ['outcome', 'booked'],
      ['language', 'hi'],
      ['language', 'unknown'],
    ] as const) {
      const dimension = findDimension(voiceCallCatalogue, id);
      if (!dimension) throw new Error(id);
      const groups = await readMetrics(clickhouse, {
        ...query(tenant, {
          splits: [{ id: 'all', kind: 'total' }],
          range: { from: asked.start, to: asked.end },
        }),
        filters: [{ dimension, values: [factValueOf(value)] }],
      });
      const of = (call: RandomCall) => (id === 'outcome' ? call.outcome : call.language) ?? 'unknown';
      expectMetrics(
        groups.get('all')?.get('') ?? emptyTotals(),
        inPeriod(asked).filter((call) => of(call) === value),
        `${id} ${value}`,
      );
    }
  });

  test.each(['weekly', 'monthly'] as const)(
    'compared %s buckets hold their own days',
    async (aggregation) => {
      const compared = comparePeriodOf(period(aggregation, 'last_30_days'), 'previous_period');
      const groups = await readMetrics(
        clickhouse,
        query(tenant, {
          splits: [{ id: 'series', kind: 'series', rule: compared.rule }],
          range: { from: compared.start, to: compared.end, until: compared.until },
        }),
      );
      const series = groups.get('series');
      expect(compared.buckets.map(({ key }) => series?.get(key)?.sums.get('calls') ?? 0)).toEqual(
        compared.buckets.map(({ start, end }) => within(start, Math.min(end, compared.until)).length),
      );
    },
  );

  test.each(['daily', 'hourly'] as const)(
    'a comparison counts up to the same time of day (%s)',
    async (aggregation) => {
      const compared = comparePeriodOf(period(aggregation), 'previous_period');
      expect(compared.cut).toBe(true);
      const groups = await readMetrics(
        clickhouse,
        query(tenant, {
          splits: [
            { id: 'series', kind: 'series', rule: compared.rule },
            { id: 'all', kind: 'total' },
          ],
          range: { from: compared.start, to: compared.end, until: compared.until },
        }),
      );
      const sum = [...(groups.get('series')?.values() ?? [])].reduce(addTotals, emptyTotals());
      sum.distincts = groups.get('all')?.get('')?.distincts ?? new Map();
      const first = compared.buckets[0]?.start ?? 0;
      expectMetrics(sum, within(first, compared.until), 'the compared part');
    },
  );
});
