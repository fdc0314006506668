import { afterAll, beforeAll, expect, test } from 'vitest';
import { renderReport } from './render-report.ts';
import { runChaos } from './run-chaos.ts';
import { type OwnSystem, startOwnSystem } from './start-own-system.ts';

let system: OwnSystem;

beforeAll(async () => {
  system = await startOwnSystem();
}, 420_000);

afterAll(() => system?.stop(), 120_000);

/** What fits into half a minute. */
const harms = ['postgres killed', 'enrich killed', 'sink-postgres killed'];

test('everybody writes while services and an engine are killed: nothing lost, nothing twice, drift 0', {
  timeout: 900_000,
}, async () => {
  const report = await runChaos({
    system,
    seed: 1,
    scenarios: ['kill', 'engine-restart'],
    only: harms,
    endsWithPlan: true,
    durationMs: 120_000,
    harmMs: 5_000,
    pace: 0.5,
  });
  console.log(renderReport(report));
  expect(report.recoveries.map(({ name }) => name).toSorted()).toEqual(harms.toSorted());
  expect(report.ledger.deliveries).toBeGreaterThan(0);
  expect(report.findings).toEqual([]);
});
