import { wasVerifiedSinceStart } from '@switchboard/clickhouse/blocks/since-start';
import { listEpochs } from '@switchboard/clickhouse/migrate/epochs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OwnEngines, startOwnEngines } from './testing/own-engines.ts';
import { createStand, type Stand, until } from './testing/stand.ts';
import { compareWithStatements } from './verify/compare.ts';

let own: OwnEngines;
let stand: Stand;
beforeAll(async () => {
  own = await startOwnEngines();
  stand = await createStand(own.engines);
});
afterAll(async () => {
  await stand.remove();
  await own.stop();
});

const rounds = 25;

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
      // Ten years are ten parts in each of three tables: the kill falls between some of them.
      killIn = (round * 7) % 90;
      await stand.state(stand.calls(400, 10));
      stated += 400;
      while (killIn !== undefined) await new Promise((resolve) => setTimeout(resolve, 5));
      await killed;
      await own.clickhouse.restart();
      await stand.settled(60_000);
      expect(await stand.counts()).toEqual({ facts: stated, daily: stated, hourly: stated });
    }
    expect((await stand.maintain(compareWithStatements)).findings).toEqual([]);
    console.log(`${rounds} kills, ${(await listEpochs(stand.clickhouse)).length - 1} rebuilds`);
  });

  it('is verified after its start, and rebuilt where something was lost', async () => {
    const before = await stand.counts();
    const epochs = (await listEpochs(stand.clickhouse)).length;
    await stand.clickhouse.command(
      `DELETE FROM fact_voice_call_e${epochs} WHERE entity_id = (SELECT min(entity_id) FROM fact_voice_call)`,
      {},
      { mutations_sync: '2', lightweight_deletes_sync: '2' },
    );
    expect((await stand.counts()).facts).toBe(before.facts - 1);
    await own.clickhouse.kill('SIGKILL');
    await own.clickhouse.restart();
    await until(
      async () =>
        (await stand.counts().catch(() => before)).facts === before.facts &&
        (await wasVerifiedSinceStart(stand.clickhouse).catch(() => false)),
    );
    expect(await stand.counts()).toEqual(before);
    expect((await listEpochs(stand.clickhouse)).length).toBe(epochs + 1);
  });
});
