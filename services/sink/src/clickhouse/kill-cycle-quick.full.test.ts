import { epochsWithTables } from '@switchboard/clickhouse/migrate/epochs';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { createStand, type Stand } from './testing/stand.ts';
import { compareWithStatements } from './verify/compare.ts';
import { verify } from './verify/verify.ts';

let stand: Stand;
beforeEach(async () => {
  stand = await createStand(inject('engines'));
});
afterEach(() => stand.remove());

/** All steps, and several rounds under load, are killed in kill-cycle.full.test.ts. */
describe('a worker killed in its cycle', () => {
  it('after its insert is finished by the next (clickhouse-kafka-connect #384, #24)', async () => {
    await stand.state(stand.calls(50));
    const killed = stand.spawn({ fault: 'inserted:1:SIGKILL' });
    expect(await killed.ended).toBe('SIGKILL');
    const { rows } = await stand.database.admin.query(`SELECT state FROM blocks`);
    expect(rows).toEqual([{ state: 'moved' }]);
    await stand.state(stand.calls(50));
    stand.work();
    await stand.settled();
    expect(await stand.counts()).toEqual({ facts: 100, daily: 100, hourly: 100 });
    expect(
      (await stand.maintain(verify)).findings.filter((one) => one.check !== 'statements-records'),
    ).toEqual([]);
  });

  it('between two tables of one block is finished by the next', async () => {
    await stand.state(stand.calls(20), stand.others(10));
    const killed = stand.spawn({ fault: 'sending:3:SIGKILL' });
    expect(await killed.ended).toBe('SIGKILL');
    stand.work();
    await stand.settled();
    expect(await stand.counts()).toEqual({ facts: 20, daily: 20, hourly: 20 });
    expect((await stand.maintain(compareWithStatements)).findings).toEqual([]);
    expect(await epochsWithTables(stand.clickhouse)).toEqual([1]);
  });
});
