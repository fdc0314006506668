import { expect, it } from 'vitest';
import { checkExpression } from './check-expression.ts';

const series = new Map([
  ['requests_total', new Set(['route', 'code'])],
  ['up', new Set(['job'])],
]);

it.each([
  ['rate(requests_total{route="/x"}[5m]) > 0', []],
  ['sum by (route) (rate(requests_total{code=~"5.."}[5m])) / ignoring(code) up{job="a"}', []],
  ['rate(request_total[5m])', ['there is no series request_total']],
  ['requests_total{path="/x"}', ['requests_total has no label path']],
  ['sum by (path) (rate(requests_total[5m]))', ['requests_total has no label path']],
  ['sum(rate(requests_total[5m]', [expect.stringContaining('can’t be parsed')]],
])('%s', (expression, faults) => {
  expect(checkExpression(expression, series)).toEqual(
    faults.length === 0 ? [] : expect.arrayContaining(faults),
  );
});
