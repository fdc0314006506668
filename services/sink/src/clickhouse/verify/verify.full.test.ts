import { publishedEpoch } from '@switchboard/clickhouse/migrate/epochs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type Damage,
  daily,
  damageOf,
  facts,
  firstFact,
  firstKeyOf,
  hourly,
  insertFact,
} from '../testing/damage.ts';
import { type OwnEngines, startOwnEngines } from '../testing/own-engines.ts';
import { createStand, type Stand, until } from '../testing/stand.ts';
import { writeCalls } from '../testing/write-calls.ts';
import { verify } from './verify.ts';

let own: OwnEngines;
let stand: Stand;
let damage: Damage;
beforeAll(async () => {
  own = await startOwnEngines();
  stand = await createStand(own.engines);
  damage = damageOf(stand);
  await writeCalls(stand, 600);
  stand.work();
  await stand.settled();
});
afterAll(async () => {
  await stand.remove();
  await own.stop();
});

const everywhere = ['daily-facts', 'facts-statements', 'hourly-facts'];

describe('verify finds', () => {
  it('nothing where nothing is wrong', async () => {
    expect(await damage.found()).toEqual([]);
  });

  it.each([
    ['deleted', `ALTER TABLE ${facts} DELETE WHERE ${firstFact}`, everywhere],
    ['changed', `ALTER TABLE ${facts} UPDATE agent_id = 'another' WHERE ${firstFact}`, ['facts-statements']],
    [
      'changed in a measure',
      `ALTER TABLE ${facts} UPDATE talk_ms = talk_ms + 1 WHERE ${firstFact}`,
      everywhere,
    ],
  ])('a fact that was %s', async (_, sql, checks) => {
    const { run, found, withoutViews } = damage;
    await run(`CREATE TABLE kept AS ${facts} ENGINE = Memory`);
    await run(`INSERT INTO kept SELECT * FROM ${facts} WHERE ${firstFact}`);
    await run(sql);
    expect(await found()).toEqual(checks);
    await run(`ALTER TABLE ${facts} DELETE WHERE entity_id IN (SELECT entity_id FROM kept)`);
    await withoutViews(() => run(`INSERT INTO ${facts} SELECT * FROM kept`));
    await run('DROP TABLE kept');
    expect(await found()).toEqual([]);
  });

  it('a fact that was doubled, with and without its sums', async () => {
    const { run, found, withoutViews } = damage;
    await run(insertFact('block AS block'));
    expect(await found()).toEqual(['facts-statements']);
    await run(insertFact('-1 AS sign'));
    expect(await found()).toEqual([]);
    await withoutViews(() => run(insertFact('block AS block')));
    expect(await found()).toEqual(everywhere);
    await withoutViews(() => run(insertFact('-1 AS sign')));
    expect(await found()).toEqual([]);
  });

  it.each([
    ['daily', daily],
    ['hourly', hourly],
  ])('a row of the %s table that was deleted, changed or doubled', async (span, table) => {
    const { run, found } = damage;
    const key = firstKeyOf(table);
    await run(`CREATE TABLE kept AS ${table} ENGINE = Memory`);
    await run(`INSERT INTO kept SELECT * FROM ${table} WHERE ${key}`);
    const damages = [
      `ALTER TABLE ${table} DELETE WHERE ${key}`,
      `ALTER TABLE ${table} UPDATE calls = calls + 1 WHERE ${key}`,
      `INSERT INTO ${table} SELECT * FROM kept`,
    ];
    for (const sql of damages) {
      await run(sql);
      expect(await found()).toEqual([`${span}-facts`]);
      await run(`ALTER TABLE ${table} DELETE WHERE ${firstKeyOf(table, 'kept')}`);
      await run(`INSERT INTO ${table} SELECT * FROM kept`);
      expect(await found()).toEqual([]);
    }
    await run('DROP TABLE kept');
  });

  it('a row of fact_current that was deleted, changed or doubled', async () => {
    const { admin } = stand.database;
    const one = `(SELECT entity_id FROM fact_current WHERE statement ->> 'talk_ms' <> '0' ORDER BY entity_id LIMIT 1)`;
    const damages = [
      `DELETE FROM fact_current WHERE entity_id = ${one}`,
      `UPDATE fact_current SET statement = statement || '{"talk_ms": 1}' WHERE entity_id = ${one}`,
      `INSERT INTO fact_current (tenant_id, kind, entity_id, basis, statement, statement_version)
       SELECT tenant_id, kind, gen_random_uuid(), basis, statement, statement_version FROM fact_current WHERE entity_id = ${one}`,
    ];
    for (const sql of damages) {
      await admin.query('CREATE TABLE kept AS SELECT * FROM fact_current');
      await admin.query(sql);
      expect(await damage.found()).toEqual(['facts-statements', 'statements-records']);
      await admin.query('DELETE FROM fact_current');
      await admin.query('INSERT INTO fact_current SELECT * FROM kept');
      await admin.query('DROP TABLE kept');
      expect(await damage.found()).toEqual([]);
    }
  });

  it('a record that was changed without a statement', async () => {
    const { admin } = stand.database;
    await admin.query(`UPDATE voice_calls SET outcome = 'other' WHERE outcome = 'booked'`);
    const { findings } = await stand.maintain(verify);
    expect(findings.every((finding) => finding.check === 'statements-records')).toBe(true);
    expect(new Set(findings.flatMap((finding) => finding.columns))).toContain('booked');
    await admin.query(`UPDATE voice_calls SET outcome = 'booked' WHERE outcome = 'other'`);
    expect(await damage.found()).toEqual([]);
  });

  it('a fact of a block that was never made, whose sums are there', async () => {
    const { run, found } = damage;
    await run(insertFact('1000000 AS block'));
    expect(await found()).toEqual(['block']);
    await run(`ALTER TABLE ${facts} DELETE WHERE block = 1000000`);
    expect(await found()).toEqual(['daily-facts', 'hourly-facts']);
    // Its sums are taken back with a fact that is taken away again.
    await run(insertFact('-1 AS sign, 1000000 AS block'));
    await run(`ALTER TABLE ${facts} DELETE WHERE block = 1000000`);
    expect(await found()).toEqual([]);
  });

  it('nothing while facts and blocks go on flowing', async () => {
    let flowing = true;
    const traffic = (async () => {
      while (flowing) await writeCalls(stand, 40);
    })();
    for (let i = 0; i < 5; i++) expect(await damage.found()).toEqual([]);
    flowing = false;
    await traffic;
  });
});

describe('where no worker mends it', () => {
  let still: Stand;
  beforeEach(async () => {
    still = await createStand(own.engines);
    const worker = still.work();
    await writeCalls(still, 50);
    await still.settled();
    await worker.stop();
  });
  afterEach(() => still.remove());

  it.each(['api_voice_call_daily', 'analytics_voice_call_hourly'])(
    'verify finds that %s stands at another epoch, and the worker brings it back',
    async (view) => {
      const { run, found } = damageOf(still);
      await run(`CREATE TABLE ${daily.replace('_e1', '_e9')} AS ${daily}`);
      await run(`CREATE OR REPLACE VIEW ${view} AS SELECT * FROM ${daily.replace('_e1', '_e9')}`);
      expect(await found()).toEqual(['views']);
      still.work();
      await until(async () => (await publishedEpoch(still.clickhouse)) === 1);
      expect(await found()).toEqual([]);
    },
  );

  it('verify finds that a view or a table is gone', async () => {
    const { run, found } = damageOf(still);
    await run('DROP VIEW api_voice_call_facts');
    expect(await found()).toEqual(['views']);
    await run(`DROP TABLE ${hourly} SYNC`);
    expect(await found()).toEqual(['tables', 'views']);
  });

  it('verify says of an empty ClickHouse that everything is gone', async () => {
    await still.emptyClickHouse();
    const verified = still.spawn({ program: 'verify' });
    expect(await verified.ended).toBe(1);
  });
});
