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
