import { factTables } from '@switchboard/clickhouse';
import { publishedEpoch } from '@switchboard/clickhouse/migrate/epochs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Step } from './dependencies.ts';
import { type OwnEngines, startOwnEngines } from './testing/own-engines.ts';
import { createStand, type Stand, until } from './testing/stand.ts';
import { compareWithStatements } from './verify/compare.ts';

let own: OwnEngines;
let stand: Stand;
beforeAll(async () => {
  own = await startOwnEngines();
});
beforeEach(async () => {
  stand = await createStand(own.engines, { dedupWindow: 100 });
});
afterEach(() => stand.remove());
afterAll(() => own.stop());

const steps: Step[] = ['locked', 'moved', 'inserting', 'inserted', 'finished'];

async function expectSums(count: number): Promise<void> {
  await stand.settled(60_000);
  expect(await stand.counts()).toEqual({ facts: count, daily: count, hourly: count });
  expect((await stand.maintain(compareWithStatements)).findings).toEqual([]);
}

describe('a worker killed in its cycle', () => {
  it.each(steps)(
    'at "%s", while facts go on arriving, counts each once (clickhouse-kafka-connect #384, #24: loss and duplicates)',
    async (step) => {
      let stated = 0;
      for (const round of [1, 2, 3]) {
        const killed = stand.spawn({ fault: `${step}:${round}:SIGKILL` });
        let dead = false;
        void killed.ended.then(() => {
          dead = true;
        });
        while (!dead) {
          await stand.state(stand.calls(20), stand.others(4));
          stated += 20;
        }
        expect(await killed.ended).toBe('SIGKILL');
      }
      stand.work();
      await expectSums(stated);
    },
  );

  it('between any two tables of one block, again and again, counts each fact once', async () => {
    await stand.state(stand.calls(20), stand.others(10));
    for (let table = 2; table <= factTables.length; table++) {
      // Each begins the block anew, comes a table further than the one before, and dies too.
      const killed = stand.spawn({ fault: `sending:${table}:SIGKILL` });
      expect(await killed.ended).toBe('SIGKILL');
      expect(killed.steps()).not.toContain('inserted');
    }
    stand.work();
    await expectSums(20);
    expect((await stand.maintain(compareWithStatements)).compared.every(({ rows }) => rows > 0)).toBe(true);
    expect(await publishedEpoch(stand.clickhouse)).toBe(1);
  });

  it('at "checked", while it mends what another left, is finished by a third', async () => {
    await stand.state(stand.calls(30));
    expect(await stand.spawn({ fault: 'inserted:1:SIGKILL' }).ended).toBe('SIGKILL');
    expect(await stand.spawn({ fault: 'checked:1:SIGKILL' }).ended).toBe('SIGKILL');
    stand.work();
    await expectSums(30);
  });
});

describe('a worker frozen in its cycle', () => {
  it('before its insert ends itself when it wakes after another went on', async () => {
    await stand.state(stand.calls(40), stand.others(8));
    const frozen = stand.spawn({ fault: 'inserting:1:SIGSTOP' });
    await until(() => frozen.steps().includes('inserting'));
    stand.work();
    // Ten seconds of silence, then the server ends the frozen session and its lock is free.
    await expectSums(40);
    await stand.state(stand.calls(10));
    await expectSums(50);
    frozen.kill('SIGCONT');
    expect(await frozen.ended).toBe(1);
    expect(frozen.steps()).not.toContain('inserted');
    await expectSums(50);
  });

  it.each(['moved', 'inserted'] as const)('at "%s" begins anew over another session', async (step) => {
    await stand.state(stand.calls(40), stand.others(8));
    const frozen = stand.spawn({ fault: `${step}:1:SIGSTOP` });
    await until(() => frozen.steps().includes(step));
    const other = stand.work();
    await expectSums(40);
    await other.stop();
    const stepsBefore = frozen.steps().length;
    frozen.kill('SIGCONT');
    await stand.state(stand.calls(10));
    await expectSums(50);
    expect(frozen.steps().slice(stepsBefore)[0]).toBe('locked');
  });

  it.each([
    ['before it asks for its lock', 'inserting'],
    ['after it asked for its lock', 'sending'],
  ] as const)('beyond the deduplication window, %s, counts nothing twice in the end', async (_, step) => {
    await stand.state(stand.calls(40), stand.others(8));
    const frozen = stand.spawn({ fault: `${step}:1:SIGSTOP` });
    await until(() => frozen.steps().includes(step));
    stand.work();
    await stand.settled(60_000);
    let blocks = 0;
    // More blocks than the window of 100 remembers, so that the token of the frozen worker's block is forgotten.
    while (blocks < 130) {
      await stand.state(stand.calls(1));
      await stand.settled();
      const { rows } = await stand.database.admin.query('SELECT count(*)::int AS n FROM blocks');
      blocks = rows[0].n;
    }
    const count = (await stand.counts()).facts;
    frozen.kill('SIGCONT');
    expect(await frozen.ended).toBe(1);
    // Before its lock was lost nothing was inserted; after it, what was counted twice is found out and made anew.
    const epoch = step === 'inserting' ? 1 : 2;
    await until(async () => (await publishedEpoch(stand.clickhouse)) === epoch);
    await expectSums(count);
  });
});

describe('many workers', () => {
  it('fight for a shard, some of them killed, and count each fact once', async () => {
    let stated = 0;
    const faults = ['moved:3:SIGKILL', 'inserting:4:SIGKILL', 'inserted:5:SIGKILL', undefined];
    const all = faults.map((fault) => stand.spawn({ fault }));
    for (let i = 0; i < 150; i++) {
      await stand.state(stand.calls(10), stand.others(2));
      stated += 10;
    }
    await expectSums(stated);
    all.at(-1)?.kill('SIGTERM');
    expect(await all.at(-1)?.ended).toBe(0);
  });
});
