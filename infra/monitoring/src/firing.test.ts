import { describe, expect, it } from 'vitest';
import { evaluate, firing } from './firing.ts';

const now = `
# TYPE n_total counter
n_total{route="/a",class="5xx",service="api"} 6
n_total{route="/a",class="2xx",service="api"} 40
n_total{route="/b",class="2xx",service="api"} 1
age{shard="0"} 61
age{shard="1"} 3
lag{job="seal"} 1.5e3
t_bucket{le="2.5"} 1
t_bucket{le="5"} 21
t_bucket{le="+Inf"} 21
up 1
`;
const before = `
n_total{route="/a",class="5xx",service="api"} 1
n_total{route="/a",class="2xx",service="api"} 25
t_bucket{le="2.5"} 1
t_bucket{le="5"} 1
t_bucket{le="+Inf"} 1
`;
const scraped = { job: 'switchboard', instance: 'scraped' };

describe('an expression over scrapes', () => {
  it.each([
    ['age > 60', [{ labels: { shard: '0', ...scraped }, value: 61 }]],
    [
      'age > 60 or lag > 1e3',
      [{ value: 1_500, labels: { exported_job: 'seal', ...scraped } }, { value: 61 }],
    ],
    ['max by (service) (age) > 2', [{ labels: {}, value: 61 }]],
    ['up{job="switchboard"} == 0', []],
    ['up{job=~"switch.*",shard!="0"} == 1', [{ value: 1 }]],
    ['increase(n_total{class!="2xx"}[1h]) > 4', [{ value: 5 }]],
    // What was not there before has none: /b is missing.
    ['sum by (route) (rate(n_total[5m])) > 0', [{ labels: { route: '/a' }, value: 2 }]],
    [
      'sum by (route) (rate(n_total{class="5xx"}[5m])) / sum by (route) (rate(n_total[5m])) > 0.2',
      [{ labels: { route: '/a' }, value: 0.25 }],
    ],
    ['sum(rate(n_total{class="4xx"}[5m])) / sum(rate(n_total[5m])) > 0.9', []],
    // As promtool has it in alerts.test.yml.
    ['histogram_quantile(0.95, sum by (le) (rate(t_bucket[5m]))) > 2', [{ labels: {}, value: 4.875 }]],
    ['histogram_quantile(0.95, sum by (le) (rate(n_bucket[5m]))) > 2', []],
  ])('%s', (expression, expected) => {
    const found = evaluate(expression, { now, before });
    expect(found).toMatchObject(expected);
    expect(found).toHaveLength(expected.length);
  });

  it('counts what changed from one scrape to the next', () => {
    const earlier = ['age{shard="0"} 1\nage{shard="1"} 3', 'age{shard="0"} 2\nage{shard="1"} 3'];
    expect(evaluate('changes(age[15m]) > 1', { earlier, before: earlier[1], now })).toMatchObject([
      { labels: { shard: '0' }, value: 2 },
    ]);
  });

  it('that asks for more than it knows is told so, not taken for well', () => {
    expect(() => evaluate('avg(age) > 1', { now })).toThrow('not computed here');
    expect(() => evaluate('age unless lag', { now })).toThrow('not computed here');
    expect(() => evaluate('delta(age[5m]) > 1', { now })).toThrow('not computed here');
    expect(() => firing('NoSuchAlert', { now })).toThrow('there is no alert NoSuchAlert');
  });
});
