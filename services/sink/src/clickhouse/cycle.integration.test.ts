import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { createStand, type Stand, until } from './testing/stand.ts';

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

  it('shows a fact soon after its commit', async () => {
    stand.work();
    await stand.state(stand.calls(1));
    await stand.settled();
    const waits: number[] = [];
    for (let n = 2; n <= 30; n++) {
      const committedAt = await stand.state(stand.calls(1));
      await until(async () => (await stand.counts()).daily === n);
      waits.push(Date.now() - committedAt);
    }
    waits.sort((a, b) => a - b);
    console.log(`visible after commit: p50 ${waits[14]} ms, p95 ${waits[27]} ms, max ${waits.at(-1)} ms`);
    expect(waits).toHaveLength(29);
  });

  it('moves a large backlog in blocks of 50,000 rows', async () => {
    for (let i = 0; i < 12; i++) await stand.state(stand.calls(10_000));
    const startedAt = Date.now();
    stand.work();
    await stand.settled(60_000);
    console.log(`${Math.round(120_000 / ((Date.now() - startedAt) / 1000))} rows/s`);
    expect(await stand.counts()).toEqual({ facts: 120_000, daily: 120_000, hourly: 120_000 });
    const { rows } = await stand.database.admin.query('SELECT rows FROM blocks ORDER BY number');
    expect(rows.map((row) => row.rows)).toEqual([50_000, 50_000, 20_000]);
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
