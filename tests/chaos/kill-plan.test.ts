import { expect, test } from 'vitest';
import { planKills } from './kill-plan.ts';

const options = { seed: 7, durationMs: 100_000, times: { ingest: 2, kafka: 1 } };

test('the same seed gives the same kills, another one others', () => {
  expect(planKills(options)).toEqual(planKills(options));
  expect(planKills({ ...options, seed: 8 })).not.toEqual(planKills(options));
});

test('each is killed as often as told, in time order, while traffic flows', () => {
  const plan = planKills(options);
  expect(plan.map(({ process }) => process).sort()).toEqual(['ingest', 'ingest', 'kafka']);
  const times = plan.map(({ atMs }) => atMs);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(Math.min(...times)).toBeGreaterThan(0);
  expect(Math.max(...times)).toBeLessThan(100_000);
});
