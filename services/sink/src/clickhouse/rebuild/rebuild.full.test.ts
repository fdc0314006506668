import { wasVerifiedSinceStart } from '@switchboard/clickhouse/blocks/since-start';
import { epochsWithTables, publishedEpoch } from '@switchboard/clickhouse/migrate/epochs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Step } from '../dependencies.ts';
import { damageOf, insertFact } from '../testing/damage.ts';
import { type OwnEngines, startOwnEngines } from '../testing/own-engines.ts';
import { createStand, type Stand, until } from '../testing/stand.ts';
import { compareWithStatements } from '../verify/compare.ts';
import { rebuild } from './rebuild.ts';

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

const steps: Step[] = [
  'rebuild-created',
  'rebuild-cut',
  'rebuild-copied',
  'rebuild-caught-up',
  'rebuild-switched',
  'rebuild-published',
  'rebuild-dropped',
];

async function expectSums(count: number): Promise<void> {
  await stand.settled(60_000);
  expect(await stand.counts()).toEqual({ facts: count, daily: count, hourly: count });
  expect((await stand.maintain(compareWithStatements)).findings).toEqual([]);
}

describe('a rebuild under traffic', () => {
  it.each(steps)('killed at "%s" ends right when it is run again', async (step) => {
    stand.work();
    let stated = 0;
    let flowing = true;
    const traffic = (async () => {
      while (flowing) {
        await stand.state(stand.calls(20), stand.others(3));
        stated += 20;
      }
    })();
    await until(async () => (await stand.counts()).daily > 0);
    const killed = stand.spawn({ program: 'rebuild', fault: `${step}:1:SIGKILL` });
    expect(await killed.ended).toBe('SIGKILL');
    const result = await stand.maintain((work) => rebuild(work, 'test'));
    flowing = false;
    await traffic;
    // The number of the one that was broken off, or switched to, is not used again.
    expect(result.epoch).toBe(3);
    await expectSums(stated);
    expect(await epochsWithTables(stand.clickhouse)).toEqual([3]);
  });

  it('makes new tables while facts go on arriving', async () => {
    stand.work();
    await stand.state(stand.calls(300), stand.others(20));
    await stand.settled();
    let stated = 300;
    let building = true;
    const traffic = (async () => {
      while (building) {
        await stand.state(stand.calls(10), stand.others(2));
        stated += 10;
      }
    })();
    const result = await stand.maintain((work) => rebuild(work, 'test'));
    building = false;
    await traffic;
    expect(result.epoch).toBe(2);
    await expectSums(stated);
    expect(await epochsWithTables(stand.clickhouse)).toEqual([2]);
  });

  it('killed between the switch and the views is completed by the worker', async () => {
    const worker = stand.work();
    await stand.state(stand.calls(50));
    await stand.settled();
    await worker.stop();
    const killed = stand.spawn({ program: 'rebuild', fault: 'rebuild-switched:1:SIGKILL' });
    expect(await killed.ended).toBe('SIGKILL');
    expect(await publishedEpoch(stand.clickhouse)).toBe(1);
    stand.work();
    await stand.state(stand.calls(50));
    await expectSums(100);
    expect(await publishedEpoch(stand.clickhouse)).toBe(2);
    expect(await epochsWithTables(stand.clickhouse)).toEqual([2]);
  });

  it('mends tables that were emptied', async () => {
    stand.work();
    await stand.state(stand.calls(200), stand.others(30));
    await stand.settled();
    await stand.clickhouse.command('TRUNCATE TABLE fact_voice_call_e1');
    await stand.maintain((work) => rebuild(work, 'test'));
    await expectSums(200);
  });

  it.each([
    ['while the worker was away', true],
    ['under a worker', false],
  ])('happens by itself when ClickHouse was replaced by an empty one %s', async (_, away) => {
    const worker = stand.work();
    await stand.state(stand.calls(200), stand.others(30));
    await stand.settled();
    if (away) await worker.stop();
    await stand.emptyClickHouse();
    await stand.state(stand.calls(20));
    if (away) stand.work();
    await until(
      () =>
        stand.counts().then(
          ({ daily }) => daily === 220,
          () => false,
        ),
      60_000,
    );
    await expectSums(220);
    expect(await epochsWithTables(stand.clickhouse)).toEqual([2]);
  });

  it('fills a ClickHouse that was replaced by an empty one when it is asked for', async () => {
    const worker = stand.work();
    await stand.state(stand.calls(200), stand.others(30));
    await stand.settled();
    await worker.stop();
    await stand.emptyClickHouse();
    expect(await stand.spawn({ program: 'rebuild' }).ended).toBe(0);
    await expectSums(200);
    expect(await epochsWithTables(stand.clickhouse)).toEqual([2]);
  });

  it('happens by itself when a table of sums is gone', async () => {
    const worker = stand.work();
    await stand.state(stand.calls(100));
    await stand.settled();
    await worker.stop();
    await stand.clickhouse.command('DROP TABLE analytics_voice_call_hourly_e1 SYNC');
    await stand.state(stand.calls(20));
    stand.work();
    await expectSums(120);
    expect(await epochsWithTables(stand.clickhouse)).toEqual([2]);
  });

  it('happens by itself when ClickHouse holds a block that Postgres does not know', async () => {
    const worker = stand.work();
    await stand.state(stand.calls(200), stand.others(30));
    await stand.settled();
    await worker.stop();
    await stand.clickhouse.command(
      'INSERT INTO fact_voice_call_e1 SELECT * REPLACE (1000000 AS block) FROM fact_voice_call_e1 LIMIT 5',
    );
    stand.work();
    await stand.state(stand.calls(20));
    await expectSums(220);
    expect(await epochsWithTables(stand.clickhouse)).toEqual([2]);
  });

  it('a worker whose epoch was left behind cannot hit the new one', async () => {
    await stand.state(stand.calls(50));
    const frozen = stand.spawn({ fault: 'inserting:1:SIGSTOP' });
    await until(() => frozen.steps().includes('inserting'));
    await until(async () => {
      const { rows } = await stand.database.admin.query(
        `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'switchboard-sink-clickhouse'`,
      );
      return rows[0].n === 0;
    });
    await stand.maintain((work) => rebuild(work, 'test'));
    frozen.kill('SIGCONT');
    expect(await frozen.ended).toBe(1);
    await expectSums(50);
  });
});

describe('a start that doubts what ClickHouse holds', () => {
  /** From the first doubt until what differed is made anew, in order. */
  const toTheEnd: Step[] = [
    'prepare-doubted',
    'verify-cut',
    'verify-held',
    'verify-released',
    'verify-copied',
    'rebuild-copied',
    'prepare-mended',
  ];

  it('killed at each step, one after the other, has mended it in the end', async () => {
    const worker = stand.work();
    await stand.state(stand.calls(100), stand.others(10));
    await stand.settled();
    await worker.stop();
    await damageOf(stand).run(insertFact('1 AS sign'));
    await stand.clickhouse.command('TRUNCATE TABLE switchboard_since_start');
    for (const step of toTheEnd) {
      await stand.state(stand.calls(5));
      expect(await stand.spawn({ fault: `${step}:1:SIGKILL` }).ended).toBe('SIGKILL');
      expect(await wasVerifiedSinceStart(stand.clickhouse)).toBe(false);
    }
    stand.work();
    await expectSums(100 + 5 * toTheEnd.length);
    await until(() => wasVerifiedSinceStart(stand.clickhouse));
    await until(async () => (await epochsWithTables(stand.clickhouse)).length === 1);
  });
});

describe('a rebuild of much', () => {
  it('copies many statements', async () => {
    stand.work();
    for (let i = 0; i < 10; i++) await stand.state(stand.calls(5_000, 8));
    await stand.settled(120_000);
    const startedAt = Date.now();
    const { copied } = await stand.maintain((work) => rebuild(work, 'test'));
    console.log(`rebuild: ${Math.round(copied / ((Date.now() - startedAt) / 1000))} statements/s`);
    expect(copied).toBe(50_000);
    await expectSums(50_000);
  });
});
