import { factTables } from '@switchboard/clickhouse';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createStand, type Stand } from '../testing/stand.ts';
import { compareWithStatements } from './compare.ts';

let stand: Stand;
beforeAll(async () => {
  stand = await createStand(inject('engines'));
  await stand.state(stand.calls(60), stand.others(30));
  const worker = stand.work();
  await stand.settled();
  await worker.stop();
});
afterAll(() => stand.remove());

/** Every check that finds something, with its table, sorted. */
async function found(): Promise<string[]> {
  const { findings } = await stand.maintain(compareWithStatements);
  return [...new Set(findings.map(({ check, table }) => `${check} ${table}`))].sort();
}

const run = (sql: string) => stand.clickhouse.command(sql, {}, { mutations_sync: '2', async_insert: 0 });
const inEach = (checks: (fact: (typeof factTables)[number]) => string[]) => factTables.flatMap(checks).sort();
const firstOf = (table: string) => `entity_id = (SELECT min(entity_id) FROM ${table})`;

/** Each damage is done to the tables of every kind at once, so that a kind that is not looked at shows. */
describe('a comparison finds in each kind', () => {
  it('nothing where nothing is wrong', async () => {
    expect(await found()).toEqual([]);
  });

  it('a fact that was doubled with its sums', async () => {
    const insert = async (change: string) => {
      for (const { name } of factTables)
        await run(
          `INSERT INTO ${name}_e1 SELECT * REPLACE (${change}) FROM ${name}_e1 WHERE ${firstOf(`${name}_e1`)} LIMIT 1`,
        );
    };
    await insert('block AS block');
    expect(await found()).toEqual(inEach(({ name }) => [`facts-statements ${name}_e1`]));
    await insert('-1 AS sign');
    expect(await found()).toEqual([]);
  });

  it('a statement of Postgres that was changed in one column', async () => {
    const { admin } = stand.database;
    const shift = (by: number) =>
      admin.query(
        `UPDATE fact_current f SET statement = statement || jsonb_build_object('local_hour', (statement ->> 'local_hour')::int + $1)
         FROM (SELECT DISTINCT ON (kind) kind, entity_id, basis FROM fact_current WHERE statement IS NOT NULL
           ORDER BY kind, entity_id, basis) one
         WHERE (f.kind, f.entity_id, f.basis) = (one.kind, one.entity_id, one.basis)`,
        [by],
      );
    await shift(1);
    expect(await found()).toEqual(inEach(({ name }) => [`facts-statements ${name}_e1`]));
    await shift(-1);
    expect(await found()).toEqual([]);
  });

  it('facts of a block that was never made, and sums that are gone', async () => {
    for (const { name, rollup } of factTables) {
      await run(`INSERT INTO ${name}_e1 SELECT * REPLACE (1000000 AS block) FROM ${name}_e1 LIMIT 1`);
      await run(`TRUNCATE TABLE ${rollup}_hourly_e1`);
      await run(
        `ALTER TABLE ${rollup}_daily_e1 DELETE WHERE local_date = (SELECT min(local_date) FROM ${rollup}_daily_e1)`,
      );
    }
    expect(await found()).toEqual(
      inEach(({ name, rollup }) => [
        `block ${name}_e1`,
        `daily-facts ${rollup}_daily_e1`,
        `hourly-facts ${rollup}_hourly_e1`,
      ]),
    );
  });
});
