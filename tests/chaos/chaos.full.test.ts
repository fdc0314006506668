import { checkLedger } from '@switchboard/testkit/ledger-check';
import { afterEach, expect, test } from 'vitest';
import { comeToRest } from './come-to-rest.ts';
import { scenarioNames } from './harm/harm.ts';
import { stopPostgres } from './outages.ts';
import { renderReport } from './render-report.ts';
import { runChaos } from './run-chaos.ts';
import { type OwnSystem, startOwnSystem } from './start-own-system.ts';

let system: OwnSystem | undefined;

afterEach(async () => {
  await system?.stop();
  system = undefined;
}, 120_000);

test.for([1, 2, 3])(
  'everybody writes for seven minutes while everything goes wrong (seed %i)',
  { timeout: 1_500_000 },
  async (seed) => {
    system = await startOwnSystem({ clocks: true, network: true, smallDisk: true });
    const report = await runChaos({
      system,
      seed,
      scenarios: scenarioNames,
      durationMs: 420_000,
      harmMs: 30_000,
      pace: 1,
    });
    console.log(renderReport(report));
    expect(report.findings).toEqual([]);
  },
);

test('with Postgres stopped for a minute, webhooks are taken as ever, and land when it is back', {
  timeout: 600_000,
}, async () => {
  system = await startOwnSystem();
  const { running, ledger, stores } = system;
  await stopPostgres(running, ledger, { seed: 4, forMs: 60_000 });
  expect(ledger.missing()).toEqual([]);
  expect(ledger.summary().tries).toEqual({ 1: ledger.summary().deliveries });
  await comeToRest(running.demo, stores.postgres, 300_000);
  const { findings } = await checkLedger({ ledger, tenantId: running.demo.tenant, ...stores });
  expect(findings).toEqual([]);
});
