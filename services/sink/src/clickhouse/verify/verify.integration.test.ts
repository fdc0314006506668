import { factTables } from '@switchboard/clickhouse';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Damage, daily, damageOf, firstFact, firstKeyOf, insertFact } from '../testing/damage.ts';
import { createStand, type Stand } from '../testing/stand.ts';
import { writeCalls } from '../testing/write-calls.ts';
import { verify } from './verify.ts';

let stand: Stand;
let damage: Damage;
beforeAll(async () => {
  stand = await createStand(inject('engines'));
  damage = damageOf(stand);
  await writeCalls(stand, 200);
  stand.work();
  await stand.settled();
});
afterAll(() => stand.remove());

/** Each kind of damage to each table is done in verify.full.test.ts; here one of each table. */
describe('verify', () => {
  it('finds nothing where nothing is wrong', async () => {
    const report = await stand.maintain(verify);
    expect(report.findings).toEqual([]);
    expect(report.drift).toBe(0);
    // Every kind is looked at; only calls were written.
    const ofCalls = report.compared.filter(({ table }) => table.includes('voice_call'));
    expect(ofCalls.map((one) => [one.check, one.rows > 0])).toEqual([
      ['daily-facts', true],
      ['hourly-facts', true],
      ['facts-statements', true],
      ['statements-records', true],
    ]);
    const tables = report.compared.flatMap(({ check, table }) => (check === 'daily-facts' ? [table] : []));
    expect(tables).toEqual(factTables.map(({ rollup }) => `${rollup}_daily_e1`));
  });

  it('finds a row of fact_current that was changed', async () => {
    const { admin } = stand.database;
    await admin.query('CREATE TABLE kept AS SELECT * FROM fact_current');
    await admin.query(
      `UPDATE fact_current SET statement = statement || '{"talk_ms": 1}'
       WHERE entity_id = (SELECT entity_id FROM fact_current WHERE statement ->> 'talk_ms' <> '0' LIMIT 1)`,
    );
    expect(await damage.found()).toEqual(['facts-statements', 'statements-records']);
    await admin.query('DELETE FROM fact_current');
    await admin.query('INSERT INTO fact_current SELECT * FROM kept');
  });

  it('finds a fact that was doubled with its sums', async () => {
    await damage.run(insertFact('block AS block'));
    expect(await damage.found()).toEqual(['facts-statements']);
    await damage.run(insertFact('-1 AS sign'));
    expect(await damage.found()).toEqual([]);
  });

  it('finds sums that were deleted', async () => {
    await damage.run(`ALTER TABLE ${daily} DELETE WHERE ${firstKeyOf(daily)}`);
    expect(await damage.found()).toEqual(['daily-facts']);
  });

  it('finds a fact that was deleted', async () => {
    await damage.run(`ALTER TABLE fact_voice_call_e1 DELETE WHERE ${firstFact}`);
    expect(await damage.found()).toContain('facts-statements');
  });
});
