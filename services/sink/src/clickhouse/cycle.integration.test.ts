import { factTables } from '@switchboard/clickhouse';
import { findFact } from '@switchboard/clickhouse/blocks/insert-block';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { createStand, type Stand, until } from './testing/stand.ts';
import { compareWithStatements } from './verify/compare.ts';

let stand: Stand;
beforeEach(async () => {
  stand = await createStand(inject('engines'));
});
afterEach(() => stand.remove());

describe('the cycle', () => {
  it('brings facts to the public views, and takes back what is stated anew', async () => {
    stand.work();
    const calls = stand.calls(200);
    await stand.state(calls);
    await stand.settled();
    expect(await stand.counts()).toEqual({ facts: 200, daily: 200, hourly: 200 });

    const changed = calls
      .slice(0, 50)
      .map((call) => ({ ...call, outcome: 'booked', intent: 'book_appointment' }));
    await stand.state(changed);
    await stand.settled();
    expect(await stand.counts()).toEqual({ facts: 200, daily: 200, hourly: 200 });
    const booked = await stand.clickhouse.query<{ n: string }>(
      'SELECT sum(booked) AS n FROM analytics_voice_call_daily',
    );
    const all = [...changed, ...calls.slice(50)];
    const expected = all.filter((call) => call.outcome === 'booked' && call.intent === 'book_appointment');
    expect(Number(booked[0]?.n)).toBe(expected.length);
  });

  it('begins with the views of its own release, though those of an older one stand at the same epoch', async () => {
    const text = async () =>
      (
        await stand.clickhouse.query<{ name: string; as_select: string }>(
          `SELECT name, as_select FROM system.tables
           WHERE database = currentDatabase() AND engine = 'View' ORDER BY name`,
        )
      ).map(({ name, as_select }) => `${name}: ${as_select}`);
    const ours = await text();
    await stand.clickhouse.command(
      'CREATE OR REPLACE VIEW fact_voice_call SQL SECURITY INVOKER AS SELECT * FROM fact_voice_call_e1',
    );
    expect(await text()).not.toEqual(ours);
    stand.work();
    await until(async () => (await text()).join() === ours.join());
  });

  it('brings facts of every kind in one block, and takes back what is stated anew', async () => {
    const others = stand.others(40);
    const changed = stand
      .others(40)
      .map((one, index) => ({ ...one, entityId: others[index]?.entityId ?? '' }));
    await stand.state(stand.calls(40), others);
    const worker = stand.work();
    await stand.settled();
    await stand.state([], changed);
    await stand.settled();
    await worker.stop();
    const kinds = await stand.database.admin.query<{ kind: string; n: number }>(
      `SELECT kind, count(*)::int AS n FROM fact_current WHERE statement IS NOT NULL GROUP BY kind ORDER BY kind`,
    );
    expect(kinds.rows).toHaveLength(factTables.length);
    for (const { kind, n } of kinds.rows) {
      const { name, rollup, count } = findFact(kind);
      const [row] = await stand.clickhouse.query(
        `SELECT (SELECT sum(sign) FROM ${name}) AS facts, (SELECT sum(${count}) FROM ${rollup}_daily) AS daily,
           (SELECT sum(${count}) FROM ${rollup}_hourly) AS hourly`,
        {},
        { output_format_json_quote_64bit_integers: 0 },
      );
      expect([kind, row]).toEqual([kind, { facts: n, daily: n, hourly: n }]);
    }
    expect((await stand.maintain(compareWithStatements)).findings).toEqual([]);
    const { rows } = await stand.database.admin.query(
      'SELECT number::int, count(*)::int AS kinds FROM block_payloads GROUP BY number ORDER BY number',
    );
    expect(rows.map(({ kinds }) => kinds)).toEqual([factTables.length, factTables.length - 1]);
  });

  it('sends a block of calls to the tables of calls alone', async () => {
    stand.work();
    await stand.state(stand.calls(20));
    await stand.settled();
    const written = await stand.clickhouse.query<{ name: string }>(
      `SELECT DISTINCT table AS name FROM system.parts
       WHERE database = currentDatabase() AND match(table, '_e1$') ORDER BY name`,
    );
    expect(written.map(({ name }) => name)).toEqual([
      'analytics_voice_call_daily_e1',
      'analytics_voice_call_hourly_e1',
      'fact_voice_call_e1',
    ]);
  });

  it('shows each fact without being asked, and keeps the watermark', async () => {
    stand.work();
    for (let n = 1; n <= 3; n++) {
      await stand.state(stand.calls(1));
      await until(async () => (await stand.counts()).daily === n);
    }
    await stand.settled();
    const { rows } = await stand.database.admin.query(
      `SELECT (SELECT max(number) FROM blocks WHERE state = 'done') AS last, w.block, s.as_of > now() - interval '30 s' AS fresh
       FROM tenant_watermarks w, block_shards s WHERE w.tenant_id = $1`,
      [stand.tenantId],
    );
    expect(rows[0].block).toBe(rows[0].last);
    expect(rows[0].fresh).toBe(true);
  });

  it('is told to end while another session rebuilds, and ends', async () => {
    await stand.maintain(async () => {
      const worker = stand.work();
      await until(async () => {
        const { rowCount } = await stand.database.admin.query(
          `SELECT FROM pg_stat_activity WHERE datname = current_database()
             AND application_name = 'switchboard-sink-clickhouse' AND query LIKE '%pg_try_advisory_lock%'`,
        );
        return rowCount === 1;
      });
      await worker.stop();
    });
  });

  it('lets two workers share a shard', async () => {
    stand.work();
    stand.work();
    let stated = 0;
    for (let i = 0; i < 40; i++) {
      await stand.state(stand.calls(25));
      stated += 25;
    }
    await stand.settled();
    expect(await stand.counts()).toEqual({ facts: stated, daily: stated, hourly: stated });
  });
});
