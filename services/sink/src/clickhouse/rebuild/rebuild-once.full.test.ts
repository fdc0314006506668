import { epochsWithTables } from '@switchboard/clickhouse/migrate/epochs';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { createStand, type Stand } from '../testing/stand.ts';
import { compareWithStatements } from '../verify/compare.ts';

let stand: Stand;
beforeEach(async () => {
  stand = await createStand(inject('engines'));
});
afterEach(() => stand.remove());

const differences = async () => (await stand.maintain(compareWithStatements)).findings;

/** Killed at each of its steps, and at length, in rebuild.full.test.ts. */
describe('rebuild', () => {
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
