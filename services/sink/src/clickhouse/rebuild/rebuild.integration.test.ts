import { epochsWithTables } from '@switchboard/clickhouse/migrate/epochs';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { createStand, type Stand } from '../testing/stand.ts';
import { compareWithStatements } from '../verify/compare.ts';
import { rebuild } from './rebuild.ts';

let stand: Stand;
beforeEach(async () => {
  stand = await createStand(inject('engines'));
});
afterEach(() => stand.remove());

const differences = async () => (await stand.maintain(compareWithStatements)).findings;

/** Killed at each of its steps, and at length, in rebuild.full.test.ts. */
describe('rebuild', () => {
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
    await stand.settled();
    expect(result.epoch).toBe(2);
    expect(await stand.counts()).toEqual({ facts: stated, daily: stated, hourly: stated });
    expect(await epochsWithTables(stand.clickhouse)).toEqual([2]);
    expect(await differences()).toEqual([]);
  });

  it('happens by itself when a block is not whole though its token is known', async () => {
    await stand.state(stand.calls(60));
    expect(await stand.spawn({ fault: 'inserted:1:SIGKILL' }).ended).toBe('SIGKILL');
    // What a kill between the token's log and the part's rename leaves: the token is known, the rows are not there. Some
    // stay, since a part without any is dropped after a while, and its token with it.
    await stand.clickhouse.command(
      'ALTER TABLE analytics_voice_call_hourly_e1 DELETE WHERE local_weekday < 5',
      {},
      { mutations_sync: '2' },
    );
    stand.work();
    await stand.settled();
    expect(await stand.counts()).toEqual({ facts: 60, daily: 60, hourly: 60 });
    expect(await differences()).toEqual([]);
    expect(await epochsWithTables(stand.clickhouse)).toEqual([2]);
  });
});
