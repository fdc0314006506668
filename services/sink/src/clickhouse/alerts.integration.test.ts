import { epochsWithTables } from '@switchboard/clickhouse/migrate/epochs';
import { firing } from '@switchboard/monitoring/firing';
import { SwitchboardError } from '@switchboard/platform';
import { type FaultProxy, startFaultProxy } from '@switchboard/testkit/fault-proxy';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { createStand, type Stand, until } from './testing/stand.ts';

let stand: Stand;
let network: FaultProxy;
beforeAll(async () => {
  const engines = inject('engines');
  const { hostname: host, port } = new URL(engines.clickhouse.url);
  network = await startFaultProxy({ host, port: Number(port) });
  const url = `http://127.0.0.1:${network.port}`;
  stand = await createStand({ ...engines, clickhouse: { ...engines.clickhouse, url } });
});
afterAll(async () => {
  network.heal();
  await stand.remove();
  await network.stop();
});

it('facts that do not move while ClickHouse is away are told of, those that wait and those in a block, until they do', async () => {
  const worker = stand.work();
  const notMoving = async () => firing('FactsNotMoving', { now: await worker.metrics() });
  await stand.state(stand.calls(20));
  await stand.settled();
  await until(async () => (await worker.scrape()).switchboard_facts_freshness_seconds !== undefined);
  expect(await notMoving()).toEqual([]);

  network.refuse(true);
  network.cut();
  await stand.state(stand.calls(20));
  // As though it had been away for so long: neither a worker that moves nor one that is told would leave that so.
  const { admin } = stand.database;
  await admin.query(`UPDATE block_shards SET as_of = now() - interval '121 s' WHERE shard = 0`);
  const told = async () => (await notMoving()).map(({ labels }) => labels.shard);
  await until(async () => (await told()).join() === '0');
  expect((await worker.scrape()).switchboard_facts_freshness_seconds).toBeGreaterThan(120);

  network.heal();
  await stand.settled();
  await until(async () => (await told()).length === 0);
  await worker.stop();
});

it('rows that wait for more than a minute are told of', async () => {
  network.refuse(true);
  const worker = stand.work();
  await stand.state(stand.calls(20));
  const told = async () => firing('FactsNotMoving', { now: await worker.metrics() });
  await until(async () => ((await worker.scrape()).switchboard_outbox_oldest_seconds ?? 0) > 0);
  expect(await told()).toEqual([]);
  await stand.database.admin.query(`UPDATE outbox SET created_at = created_at - interval '61 s'`);
  await until(async () => (await told()).length > 0);
  expect(await told()).toMatchObject([{ labels: { shard: '0' } }]);
  network.heal();
  await until(async () => (await told()).length === 0);
  await worker.stop();
});

it('that ClickHouse lost what it had confirmed is told of, and mended', async () => {
  let isLost = false;
  const worker = stand.work({
    async onStep(step) {
      if (step !== 'inserted' || isLost) return;
      isLost = true;
      await stand.clickhouse.command(
        'ALTER TABLE analytics_voice_call_daily_e1 DELETE WHERE true',
        {},
        { mutations_sync: '2' },
      );
      // Nor does it hear the answer: whoever inserts a block again looks whether it is whole.
      throw new SwitchboardError('clickhouse_unavailable', 'no answer', { retryable: true });
    },
  });
  const before = await worker.metrics();
  expect(firing('BlockDamaged', { before, now: before })).toEqual([]);
  const { facts } = await stand.counts();
  await stand.state(stand.calls(40));
  await until(async () => firing('BlockDamaged', { before, now: await worker.metrics() }).length > 0);
  expect(firing('BlockDamaged', { before, now: await worker.metrics() })).toMatchObject([
    { labels: { code: 'block_damaged' } },
  ]);
  await stand.settled();
  expect(await stand.counts()).toEqual({ facts: facts + 40, daily: facts + 40, hourly: facts + 40 });
  await until(async () => (await epochsWithTables(stand.clickhouse)).join() === '2');
});
