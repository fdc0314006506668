import { describe, expect, test } from 'vitest';
import { bucketOf } from '../histogram.ts';
import { allMetrics, catalogues, factValueOf, findMetric, keyOfFactValue, labelOf } from './catalogue.ts';
import { realtimeMetrics } from './realtime.ts';
import { addTotals, changeOf, emptyTotals, evaluate, needsOf, termKey } from './totals.ts';
import { voiceCallCatalogue } from './voice-calls.ts';

const named = (id: string) => {
  const metric = findMetric(voiceCallCatalogue, id);
  if (!metric) throw new Error(`no metric ${id}`);
  return metric;
};

describe('the catalogue', () => {
  test('holds every voice metric under its fixed id', () => {
    expect(voiceCallCatalogue.metrics.map((metric) => metric.id).sort()).toEqual(
      [
        'calls_total calls_inbound calls_outbound calls_connected calls_failed calls_voicemail connect_rate',
        'unique_callers repeat_caller_rate talk_minutes_total call_duration_mean_seconds',
        'call_duration_median_seconds call_duration_p90_seconds abandonment_rate containment_rate transfer_rate',
        'booking_success_rate resolution_rate_calls identification_rate first_call_resolution_rate',
        'call_sentiment_positive_rate call_sentiment_negative_rate audio_quality_mean',
        'transcription_confidence_mean response_latency_p50_ms response_latency_p95_ms interruptions_per_call',
        'silence_rate tool_calls_total tool_success_rate tool_latency_p95_ms extraction_completeness_rate',
        'extraction_confidence_mean call_intent_mix call_outcome_mix cost_total cost_per_call cost_per_booking',
        'analysis_delay_p95_seconds callback_requests callback_fulfilment_rate',
      ]
        .join(' ')
        .split(' ')
        .sort(),
    );
  });

  test('every entry is complete, and no id or synonym means two things', () => {
    const words = [...allMetrics, ...realtimeMetrics].flatMap((metric) => [
      metric.id,
      metric.label,
      ...metric.synonyms,
    ]);
    expect(new Set(words.map((word) => word.toLowerCase())).size).toBe(words.length);
    for (const metric of allMetrics) {
      expect(metric.definition).toMatch(/^[A-Z0-9].+\.$/);
      expect(metric.settlesAfter).toMatch(/^P\d+D$/);
      expect(metric.dimensions.length).toBeGreaterThan(0);
    }
    for (const catalogue of catalogues) {
      const known = catalogue.dimensions.map((dimension) => dimension.id);
      for (const metric of catalogue.metrics)
        expect(known).toEqual(expect.arrayContaining([...metric.dimensions]));
    }
  });

  test('values have a name for people, and the empty one has a key', () => {
    expect(labelOf('intent', 'book_appointment')).toBe('Book appointment');
    expect(labelOf('intent', 'unknown')).toBe('Unknown');
    expect(labelOf('weekday', '7')).toBe('Sunday');
    expect(labelOf('hour', '9')).toBe('09:00');
    expect(labelOf('language', 'en-IN')).toBe('en-IN');
    expect(factValueOf(keyOfFactValue(''))).toBe('');
    expect(factValueOf('booked')).toBe('booked');
  });
});

describe('evaluation', () => {
  test('each sum is needed once, under a name that SQL can carry', () => {
    const needs = needsOf(voiceCallCatalogue.metrics);
    expect([...needs.sums.keys()]).toContain('calls__direction_inbound');
    expect([...needs.byCurrency.keys()].sort()).toEqual(['booked_any', 'calls', 'cost_micro']);
    expect(needs.histograms.size).toBe(5);
    expect([...needs.distincts.keys()]).toEqual(['caller__direction_inbound']);
    expect(termKey({ column: 'calls', where: { status: ["x'; DROP"] } })).toMatch(/^\w+$/);
  });

  test('nothing at all: counts are 0, everything else is null', () => {
    for (const metric of voiceCallCatalogue.metrics) {
      const counts = ['sum', 'distinct', 'mix'].includes(metric.calculation.kind);
      expect([metric.id, evaluate(metric, emptyTotals()).value]).toEqual([metric.id, counts ? 0 : null]);
    }
  });

  test('rates, scaled means and quantiles', () => {
    const totals = emptyTotals();
    totals.sums = new Map([
      ['calls', 8],
      ['connected', 6],
      ['talk_ms', 90_000],
      ['talk_n', 4],
    ]);
    totals.histograms.set(
      'duration_ms_hist',
      new Map([20_000, 30_000, 40_000].map((ms) => [bucketOf(ms), 1])),
    );
    expect(evaluate(named('connect_rate'), totals).value).toBe(0.75);
    expect(evaluate(named('call_duration_mean_seconds'), totals).value).toBe(22.5);
    expect(evaluate(named('talk_minutes_total'), totals).value).toBe(1.5);
    const median = evaluate(named('call_duration_median_seconds'), totals).value;
    expect(Math.abs((median ?? 0) - 30)).toBeLessThanOrEqual(0.3);
  });

  test('cost keeps to its currency', () => {
    const totals = emptyTotals();
    totals.byCurrency.set('cost_micro', new Map([['USD', 24_000_000]]));
    totals.byCurrency.set(
      'calls',
      new Map([
        ['', 5],
        ['USD', 2],
      ]),
    );
    expect(evaluate(named('cost_total'), totals)).toEqual({ value: 24, currency: 'USD' });
    expect(evaluate(named('cost_per_call'), totals)).toEqual({ value: 12, currency: 'USD' });
    totals.byCurrency.get('cost_micro')?.set('INR', 500_000_000);
    totals.byCurrency.get('calls')?.set('INR', 1);
    expect(evaluate(named('cost_per_call'), totals)).toEqual({
      value: null,
      byCurrency: { INR: 500, USD: 12 },
    });
    expect(evaluate(named('cost_per_booking'), totals)).toEqual({
      value: null,
      byCurrency: { INR: null, USD: null },
    });
  });

  test('an amount without a currency is of an unknown one, and calls without a cost are of none', () => {
    const totals = emptyTotals();
    totals.byCurrency.set('cost_micro', new Map([['', 7_000_000]]));
    totals.byCurrency.set('calls', new Map([['', 5]]));
    expect(evaluate(named('cost_total'), totals)).toEqual({ value: 7, currency: 'unknown' });
    expect(evaluate(named('cost_per_call'), totals)).toEqual({ value: null, currency: 'unknown' });
    totals.byCurrency.set('cost_micro', new Map([['USD', 12_000_000]]));
    totals.byCurrency.get('calls')?.set('USD', 1);
    expect(evaluate(named('cost_per_call'), totals)).toEqual({ value: 12, currency: 'USD' });
  });

  test('a group’s cost is a value only where it and the whole are of one currency', () => {
    const day = emptyTotals();
    day.byCurrency.set('cost_micro', new Map([['USD', 12_000_000]]));
    expect(evaluate(named('cost_total'), day, ['USD'])).toEqual({ value: 12, currency: 'USD' });
    for (const whole of [['INR'], ['INR', 'USD']])
      expect(evaluate(named('cost_total'), day, whole)).toEqual({
        value: null,
        byCurrency: { INR: 0, USD: 12 },
      });
    expect(evaluate(named('cost_total'), emptyTotals(), ['USD'])).toEqual({ value: 0, currency: 'USD' });
  });

  test('groups add up, and a statement taken back leaves nothing', () => {
    const plus = emptyTotals();
    plus.sums.set('calls', 1);
    plus.histograms.set('duration_ms_hist', new Map([[100, 1]]));
    const minus = emptyTotals();
    minus.sums.set('calls', -1);
    minus.histograms.set('duration_ms_hist', new Map([[100, -1]]));
    const sum = addTotals(addTotals(emptyTotals(), plus), minus);
    expect(evaluate(named('calls_total'), sum).value).toBe(0);
    expect(evaluate(named('call_duration_median_seconds'), sum).value).toBeNull();
  });

  test('change', () => {
    expect(changeOf(412, 398)).toBe(0.0352);
    expect(changeOf(1, 0)).toBeNull();
    expect(changeOf(null, 1)).toBeNull();
  });
});
