import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Switchboard, startSwitchboard } from '@switchboard/start';
import { createLedger } from '@switchboard/testkit/ledger';
import { checkLedger } from '@switchboard/testkit/ledger-check';
import { openStores } from '@switchboard/testkit/open-stores';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { comeToRest } from './come-to-rest.ts';
import { stopPostgres } from './outages.ts';
import { renderReport } from './render-report.ts';
import { everythingKilled, runChaos } from './run-chaos.ts';

let dir: string;
let running: Switchboard;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'switchboard-chaos-'));
  running = await startSwitchboard({ dir });
}, 240_000);

afterEach(async () => {
  await running?.stop();
  await rm(dir, { recursive: true, force: true });
}, 120_000);

test.for([1, 2, 3])(
  '3,000 calls, services killed twice, engines once (seed %i)',
  {
    timeout: 900_000,
  },
  async (seed) => {
    const report = await runChaos({
      running,
      ledger: createLedger(),
      seed,
      calls: 3_000,
      rate: 20,
      times: everythingKilled,
      restWithinMs: 300_000,
    });
    console.log(renderReport(report));
    expect(report.findings).toEqual([]);
  },
);

test('with Postgres stopped for a minute, webhooks are taken as ever, and land when it is back', {
  timeout: 600_000,
}, async () => {
  const ledger = createLedger();
  await stopPostgres(running, ledger, { seed: 4, forMs: 60_000 });
  expect(ledger.missing()).toEqual([]);
  expect(ledger.summary().tries).toEqual({ 1: ledger.summary().deliveries });
  const stores = openStores(running.demo, { applicationName: 'chaos' });
  try {
    await comeToRest(running.demo, stores.postgres, 300_000);
    const { findings } = await checkLedger({ ledger, tenantId: running.demo.tenant, ...stores });
    expect(findings).toEqual([]);
  } finally {
    await stores.close();
  }
});
