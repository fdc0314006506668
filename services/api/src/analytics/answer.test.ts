import { findDimension, findMetric } from '@switchboard/domain/metrics/catalogue';
import { addTotals, emptyTotals, type Totals } from '@switchboard/domain/metrics/totals';
import { voiceCallCatalogue } from '@switchboard/domain/metrics/voice-calls';
import { bucketsOf } from '@switchboard/domain/periods/buckets';
import { comparePeriodOf } from '@switchboard/domain/periods/compare';
import { resolvePeriod } from '@switchboard/domain/periods/period';
import { describe, expect, test } from 'vitest';
import { toAnswer } from './answer.ts';
import { toCsv } from './answer-csv.ts';
import { analyticsAnswer } from './answer-schema.ts';
import type { Measured } from './read-answer.ts';
import type { AnalyticsRequest } from './request.ts';

/** One call that cost so much; amounts are in minor units. */
function call(currency: string, amount: number): Totals {
  const totals = emptyTotals();
  totals.sums.set('calls', 1);
  totals.byCurrency.set('cost_micro', new Map([[currency, amount * 1e6]]));
  totals.byCurrency.set('calls', new Map([[currency, 1]]));
  return totals;
}

/** One call per day, with the intents in turn. */
function measured(...days: Totals[]): Measured {
  const intents = ['billing', 'book_appointment'];
  return {
    whole: days.reduce(addTotals, emptyTotals()),
    buckets: new Map(days.map((totals, index) => [String(index), totals])),
    breakdowns: new Map([['intent', new Map(days.map((totals, index) => [intents[index] ?? '', totals]))]]),
  };
}

const metrics = ['cost_total', 'cost_per_call', 'call_intent_mix'].map((id) => {
  const metric = findMetric(voiceCallCatalogue, id);
  if (!metric) throw new Error(id);
  return metric;
});
const period = resolvePeriod(
  { timePeriod: 'custom', startDate: '2026-11-01', endDate: '2026-11-03', aggregation: 'daily' },
  { zone: 'Asia/Kolkata', firstWeekday: 1, now: Date.parse('2026-11-20T09:00:00Z') },
);

function answerOf(current: Measured, previous?: Measured) {
  const intent = findDimension(voiceCallCatalogue, 'intent');
  const request: AnalyticsRequest = {
    catalogue: voiceCallCatalogue,
    period,
    compare: previous ? 'previous_period' : 'none',
    metrics,
    breakdowns: intent ? [intent] : [],
    filters: [],
    limit: 50,
    offset: 0,
  };
  const comparePeriod = previous && comparePeriodOf(period, 'previous_period');
  const answer = toAnswer(request, { buckets: bucketsOf(period), current, comparePeriod, previous });
  analyticsAnswer.parse({ ...answer, as_of: null, freshness_ms: null });
  return answer;
}

async function csvOf(answer: ReturnType<typeof toAnswer>, section: string, metric: string) {
  let text = '';
  for await (const chunk of toCsv(answer, metrics)) text += String(chunk);
  return text
    .trimEnd()
    .split('\r\n')
    .filter((line) => line.startsWith(`${section},`) && line.includes(`,${metric},`))
    .map((line) => line.split(','));
}
const amounts = (rows: string[][]) => rows.map((cells) => cells.slice(9, 12).join(' ').trimEnd());

describe('costs in two currencies', () => {
  const answer = answerOf(measured(call('USD', 12), call('INR', 90_000)));

  test('are never in one column, wherever they stand', () => {
    expect(answer.summary.cost_total).toEqual({
      value: null,
      previous: null,
      change: null,
      by_currency: { INR: 90_000, USD: 12 },
    });
    expect(
      answer.series.map(({ values, by_currency }) => [values.cost_total, by_currency?.cost_total]),
    ).toEqual([
      [null, { INR: 0, USD: 12 }],
      [null, { INR: 90_000, USD: 0 }],
      [null, { INR: 0, USD: 0 }],
    ]);
    expect(answer.series[0]?.by_currency?.cost_per_call).toEqual({ INR: null, USD: 12 });
    const rows = answer.breakdowns.intent?.rows ?? [];
    expect(
      rows.map(({ key, values, by_currency }) => [key, values.cost_total, by_currency?.cost_total]),
    ).toEqual([
      ['billing', null, { INR: 0, USD: 12 }],
      ['book_appointment', null, { INR: 90_000, USD: 0 }],
    ]);
  });

  test('have a row each in the CSV', async () => {
    expect(amounts(await csvOf(answer, 'summary', 'cost_total'))).toEqual(['INR 90000', 'USD 12']);
    expect(amounts(await csvOf(answer, 'series', 'cost_total'))).toEqual([
      'INR 0',
      'USD 12',
      'INR 90000',
      'USD 0',
      'INR 0',
      'USD 0',
    ]);
    expect(amounts(await csvOf(answer, 'breakdown', 'cost_total'))).toHaveLength(4);
  });

  test('one after the other are not compared', async () => {
    const changed = answerOf(measured(call('USD', 12)), measured(call('INR', 90_000)));
    expect(changed.summary.cost_total).toEqual({
      value: 12,
      previous: null,
      change: null,
      currency: 'USD',
      previous_by_currency: { INR: 90_000, USD: 0 },
    });
    expect(changed.series[0]).toMatchObject({
      values: { cost_total: 12 },
      previous: { values: { cost_total: null }, by_currency: { cost_total: { INR: 90_000, USD: 0 } } },
    });
    expect(amounts(await csvOf(changed, 'summary', 'cost_total'))).toEqual(['INR  90000', 'USD 12 0']);
  });
});

test('costs in one currency name it, in the CSV too', async () => {
  const answer = answerOf(measured(call('USD', 12), call('USD', 3)), measured(call('USD', 10)));
  expect(answer.summary.cost_total).toEqual({ value: 15, previous: 10, change: 0.5, currency: 'USD' });
  expect(answer.series.map(({ values }) => values.cost_total)).toEqual([12, 3, 0]);
  expect(answer.series[0]).not.toHaveProperty('by_currency');
  const [summary] = await csvOf(answer, 'summary', 'cost_total');
  expect(summary?.slice(7)).toEqual(['cost_total', 'minor_units', 'USD', '15', '10', '0.5']);
});

test('an amount whose currency nobody told is of an unknown one', () => {
  const answer = answerOf(measured(call('', 7), call('USD', 12)));
  expect(answer.summary.cost_total?.by_currency).toEqual({ USD: 12, unknown: 7 });
});

test('a mix has its parts in the CSV', async () => {
  const answer = answerOf(measured(call('USD', 12), call('USD', 3)), measured(call('USD', 10)));
  expect(
    (await csvOf(answer, 'part', 'call_intent_mix')).map((cells) =>
      cells.slice(1, 4).concat(cells.slice(10)),
    ),
  ).toEqual([
    ['intent', 'billing', 'Billing', '1', '1', ''],
    ['intent', 'book_appointment', 'Book appointment', '1', '0', ''],
  ]);
});
