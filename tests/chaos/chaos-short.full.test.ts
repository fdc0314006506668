import { serviceNames } from '@switchboard/start';
import { checkLedger } from '@switchboard/testkit/ledger-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { comeToRest } from './come-to-rest.ts';
import { engineNames } from './harm/process-harms.ts';
import { stopKafka, stopPostgres } from './outages.ts';
import { renderReport } from './render-report.ts';
import { runChaos } from './run-chaos.ts';
import { type OwnSystem, startOwnSystem } from './start-own-system.ts';

/** One system for all tests of this file, and one ledger of all calls that it was ever sent. */
let system: OwnSystem;

beforeAll(async () => {
  system = await startOwnSystem({ network: true });
}, 240_000);

afterAll(() => system?.stop(), 300_000);

test('with Kafka stopped, health and webhooks say 503 in time; with Kafka back, all works by itself', {
  timeout: 180_000,
}, async () => {
  const { running, ledger } = system;
  const outage = await stopKafka(running, ledger, 101);
  expect(outage.health.status).toBe(503);
  for (const { status, retryAfter, ms } of outage.webhooks) {
    expect(status).toBe(503);
    expect(Number(retryAfter)).toBeGreaterThan(0);
    expect(ms).toBeLessThanOrEqual(2_000);
  }
  expect(ledger.missing()).toEqual([]);
});

test('with Postgres stopped, webhooks are taken as ever, and land when it is back', {
  timeout: 180_000,
}, async () => {
  const { running, ledger, stores } = system;
  await stopPostgres(running, ledger, { seed: 102, forMs: 8_000 });
  expect(ledger.missing()).toEqual([]);
  expect(ledger.summary().tries).toEqual({ 1: ledger.summary().deliveries });
  await comeToRest(running.demo, stores.postgres, 120_000);
  const { findings } = await checkLedger({ ledger, tenantId: running.demo.tenant, ...stores });
  expect(findings).toEqual([]);
});

test('everybody writes while each process is killed once, and each engine’s connections are cut: nothing lost, nothing twice, drift 0', {
  timeout: 900_000,
}, async () => {
  const report = await runChaos({
    system,
    seed: 103,
    scenarios: ['kill', 'engine-restart', 'cut'],
    endsWithPlan: true,
    durationMs: 400_000,
    harmMs: 12_000,
    pace: 1,
  });
  console.log(renderReport(report));
  expect(report.findings).toEqual([]);
  expect(report.recoveries.map(({ name }) => name).toSorted()).toEqual(
    [
      ...[...serviceNames, ...engineNames].map((name) => `${name} killed`),
      ...engineNames.map((engine) => `${engine}: connections cut, five times`),
    ].toSorted(),
  );
});
