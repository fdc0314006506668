import { readFile } from 'node:fs/promises';
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

/** All of them do what matters most, and each a part of the rest: together they do everything. */
const seeds = [1, 2, 3];

test.for(seeds)(
  'everybody writes, some seven minutes, until everything has gone wrong (seed %i)',
  { timeout: 1_800_000 },
  async (seed) => {
    system = await startOwnSystem({ clocks: true, network: true, smallDisk: true });
    const report = await runChaos({
      system,
      seed,
      scenarios: scenarioNames,
      part: { index: seeds.indexOf(seed), of: seeds.length },
      endsWithPlan: true,
      durationMs: 900_000,
      harmMs: 30_000,
      pace: 1,
    });
    console.log(renderReport(report));
    expect(report.findings).toEqual([]);
    expect(report.left).toEqual([]);
    const fullDisk = (await mayMount()) ? [] : [expect.stringContaining('disk-full')];
    expect(report.impossible).toEqual(fullDisk);
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

/** Whether a small disk can be mounted here by the process' rights: CAP_SYS_ADMIN, which root mostly has. */
async function mayMount(): Promise<boolean> {
  const rights = await readFile('/proc/self/status', 'utf8').catch(() => '');
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(rights)?.[1] ?? '0';
  return ((BigInt(`0x${effective}`) >> 21n) & 1n) === 1n;
}
