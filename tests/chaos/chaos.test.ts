import { afterAll, beforeAll, expect, test } from 'vitest';
import { renderReport } from './render-report.ts';
import { runChaos } from './run-chaos.ts';
import { type OwnSystem, startOwnSystem } from './start-own-system.ts';

let system: OwnSystem;

beforeAll(async () => {
  system = await startOwnSystem();
}, 420_000);

afterAll(() => system?.stop(), 120_000);

test('everybody writes while services are killed: nothing lost, nothing twice, drift 0', {
  timeout: 900_000,
}, async () => {
  const report = await runChaos({
    system,
    seed: 1,
    scenarios: ['kill'],
    durationMs: 25_000,
    harmMs: 5_000,
    pace: 0.5,
  });
  console.log(renderReport(report));
  expect(report.recoveries.length).toBeGreaterThan(0);
  expect(report.ledger.deliveries).toBeGreaterThan(0);
  expect(report.findings).toEqual([]);
});
