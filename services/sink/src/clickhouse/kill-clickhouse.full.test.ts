import { rm } from 'node:fs/promises';
import { createBlockInserter } from '@switchboard/clickhouse/blocks/insert-block';
import { wasVerifiedSinceStart } from '@switchboard/clickhouse/blocks/since-start';
import { epochsWithTables } from '@switchboard/clickhouse/migrate/epochs';
import { readPayloads, undoneBlocks } from '@switchboard/postgres/blocks/blocks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type OwnEngines, startOwnEngines } from './testing/own-engines.ts';
import { createStand, type Stand, until } from './testing/stand.ts';
import { compareWithStatements } from './verify/compare.ts';

let own: OwnEngines;
let stand: Stand;
beforeAll(async () => {
  own = await startOwnEngines();
});
beforeEach(async () => {
  stand = await createStand(own.engines);
});
afterEach(() => stand.remove());
afterAll(() => own.stop());

const rounds = 12;

async function expectSums(count: number): Promise<void> {
  await stand.settled(60_000);
  expect(await stand.counts()).toEqual({ facts: count, daily: count, hourly: count });
  expect((await stand.maintain(compareWithStatements)).findings).toEqual([]);
}

describe('ClickHouse killed inside inserts', () => {
  it('counts each fact once in the end', async () => {
    let killIn: number | undefined;
    let killed = Promise.resolve();
    stand.work({
      onStep: (step) => {
        if (step !== 'inserting' || killIn === undefined) return;
        const delay = killIn;
        killIn = undefined;
        killed = new Promise((resolve) => {
          setTimeout(() => resolve(own.clickhouse.kill('SIGKILL')), delay);
        });
      },
    });
    let stated = 0;
    for (let round = 0; round < rounds; round++) {
      // Ten years are ten parts in each of three tables of each kind: the kill falls between some of them.
      killIn = (round * 53) % 600;
      await stand.state(stand.calls(400, 10), stand.others(40, 10));
      stated += 400;
      while (killIn !== undefined) await new Promise((resolve) => setTimeout(resolve, 5));
      await killed;
      await own.clickhouse.restart();
      await stand.settled(60_000);
      expect(await stand.counts()).toEqual({ facts: stated, daily: stated, hourly: stated });
    }
    await expectSums(stated);
  });

  it("between a token's log and the rename of its part is found out and mended", async () => {
    await stand.state(stand.calls(40));
    expect(await stand.spawn({ fault: 'inserted:1:SIGKILL' }).ended).toBe('SIGKILL');
    const parts = await stand.clickhouse.query<{ path: string }>(
      `SELECT path FROM system.parts WHERE database = currentDatabase() AND table = 'analytics_voice_call_daily_e1' AND active`,
    );
    expect(parts).toHaveLength(1);
    await own.clickhouse.kill('SIGKILL');
    for (const { path } of parts) await rm(path, { recursive: true });
    await own.clickhouse.restart();

    // The unsafe token: it is in the log, so that the insert answers OK, and its rows are not there.
    await stand.maintain(async ({ connection, clickhouse }) => {
      const inserter = await createBlockInserter(clickhouse);
      for (const block of await undoneBlocks(connection, 0)) {
        for (const payload of await readPayloads(connection, block)) await inserter.insert(1, block, payload);
      }
    });
    expect(await stand.counts()).toEqual({ facts: 40, daily: 0, hourly: 40 });

    stand.work();
    await expectSums(40);
    expect(await epochsWithTables(stand.clickhouse)).toEqual([2]);
  });
});

describe('ClickHouse away', () => {
  it('shows in the metrics: numbers grow old, rows wait', async () => {
    const worker = stand.work();
    await stand.state(stand.calls(20));
    await stand.settled();
    await own.clickhouse.kill('SIGKILL');
    try {
      await stand.state(stand.calls(20));
      const age = async (name: string) => (await worker.scrape())[name] ?? 0;
      await until(async () => (await age('switchboard_facts_freshness_seconds')) >= 4);
      await until(
        async () =>
          (await age('switchboard_outbox_oldest_seconds')) > 0 || (await age('switchboard_blocks_open')) > 0,
      );
    } finally {
      await own.clickhouse.restart();
    }
    await expectSums(40);
    const behind = async () => (await worker.scrape()).switchboard_blocks_open;
    await until(async () => (await behind()) === 0);
  });
});

describe('ClickHouse started again', () => {
  it('is verified, and rebuilt where something was lost', async () => {
    const worker = stand.work();
    await stand.state(stand.calls(100), stand.others(20));
    await stand.settled();
    const [first] = await stand.clickhouse.query<{ id: string }>(
      'SELECT toString(min(entity_id)) AS id FROM fact_voice_call',
    );
    await stand.clickhouse.command(
      'ALTER TABLE fact_voice_call_e1 DELETE WHERE entity_id = {id:UUID}',
      { id: first?.id },
      { mutations_sync: '2' },
    );
    expect((await stand.counts()).facts).toBe(99);
    await own.clickhouse.kill('SIGKILL');
    await own.clickhouse.restart();
    await until(() => wasVerifiedSinceStart(stand.clickhouse).catch(() => false));
    await worker.stop();
    await expectSums(100);
    expect(await epochsWithTables(stand.clickhouse)).toEqual([2]);
  });

  it('is only verified where nothing was lost', async () => {
    stand.work();
    await stand.state(stand.calls(100), stand.others(20));
    await stand.settled();
    await own.clickhouse.restart();
    await until(() => wasVerifiedSinceStart(stand.clickhouse).catch(() => false));
    await expectSums(100);
    expect(await epochsWithTables(stand.clickhouse)).toEqual([1]);
  });
});
