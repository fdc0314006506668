import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Switchboard, startSwitchboard } from '@switchboard/start';
import { createLedger } from '@switchboard/testkit/ledger';
import { checkLedger } from '@switchboard/testkit/ledger-check';
import { openStores, type Stores } from '@switchboard/testkit/open-stores';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { comeToRest } from './come-to-rest.ts';
import { stopKafka, stopPostgres } from './outages.ts';
import { renderReport } from './render-report.ts';
import { runChaos } from './run-chaos.ts';

/** One system for all tests of this file, and one ledger of all that it was ever sent. */
let dir: string;
let running: Switchboard;
let stores: Stores;
const ledger = createLedger();

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'switchboard-chaos-'));
  running = await startSwitchboard({ dir });
  stores = openStores(running.demo, { applicationName: 'chaos' });
}, 240_000);

afterAll(async () => {
  await stores?.close();
  await running?.stop();
  await rm(dir, { recursive: true, force: true });
}, 120_000);

test('with Kafka stopped, health and webhooks say 503 in time; with Kafka back, all works by itself', {
  timeout: 180_000,
}, async () => {
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
  await stopPostgres(running, ledger, { seed: 102, forMs: 8_000 });
  expect(ledger.missing()).toEqual([]);
  expect(ledger.summary().tries).toEqual({ 1: ledger.summary().deliveries });
  await comeToRest(running.demo, stores.postgres, 120_000);
  const { findings } = await checkLedger({ ledger, tenantId: running.demo.tenant, ...stores });
  expect(findings).toEqual([]);
});

test('each process killed once under traffic: nothing lost, nothing twice, drift 0', {
  timeout: 300_000,
}, async () => {
  const report = await runChaos({
    running,
    ledger,
    seed: 103,
    calls: 300,
    rate: 15,
    times: {
      ingest: 1,
      enrich: 1,
      'sink-postgres': 1,
      'sink-clickhouse': 1,
      api: 1,
      jobs: 1,
      kafka: 1,
      postgres: 1,
      clickhouse: 1,
    },
    restWithinMs: 120_000,
  });
  console.log(renderReport(report));
  expect(report.findings).toEqual([]);
});
