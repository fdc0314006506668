import { factTables } from '@switchboard/clickhouse';
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
  it.each(['moved', 'inserted'] as const)('at "%s" is finished by the next', async (step) => {
    await stand.state(stand.calls(50));
    const killed = stand.spawn({ fault: `${step}:1:SIGKILL` });
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

  it('between any two tables of one block is finished by the next, and each fact counts once', async () => {
    await stand.state(stand.calls(20), stand.others(10));
    for (let table = 2; table <= factTables.length; table++) {
      // Each begins the block anew, comes a table further than the one before, and dies too.
      const killed = stand.spawn({ fault: `sending:${table}:SIGKILL` });
      expect(await killed.ended).toBe('SIGKILL');
      expect(killed.steps()).not.toContain('inserted');
    }
    stand.work();
    await stand.settled();
    expect(await stand.counts()).toEqual({ facts: 20, daily: 20, hourly: 20 });
    const report = await stand.maintain(compareWithStatements);
    expect(report.findings).toEqual([]);
    expect(report.compared.every(({ rows }) => rows > 0)).toBe(true);
    expect(await epochsWithTables(stand.clickhouse)).toEqual([1]);
  });
});
