import { connectDirect } from '@switchboard/postgres/blocks/direct-connection';
import { lockShards } from '@switchboard/postgres/blocks/locks';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { rebuild } from './rebuild/rebuild.ts';
import { createStand, type Stand, until } from './testing/stand.ts';
import { compareWithStatements } from './verify/compare.ts';

let stand: Stand;
let other: string;
beforeEach(async () => {
  stand = await createStand(inject('engines'));
  other = await stand.database.addTenant();
  await stand.database.admin.query('INSERT INTO block_shards (shard) VALUES (1)');
  await moveTo(1, other);
});
afterEach(() => stand.remove());

function moveTo(shard: number, tenantId: string) {
  return stand.database.admin.query('UPDATE tenants SET shard = $1 WHERE id = $2', [shard, tenantId]);
}

const stateOther = (count: number, shard = 1) =>
  stand.state(stand.calls(count), [], { tenantId: other, shard });

async function callsOf(tenantId: string): Promise<number> {
  const [row] = await stand.clickhouse.query<{ n: string }>(
    'SELECT sum(calls) AS n FROM analytics_voice_call_daily WHERE tenant_id = {tenantId:UUID}',
    { tenantId },
  );
  return Number(row?.n);
}

describe('two shards', () => {
  it('go on without each other, under one numbering of blocks', async () => {
    const [first, second] = [stand.work(), stand.work({ shard: 1 })];
    await stand.state(stand.calls(30));
    await stateOther(20);
    await stand.settled();
    await second.stop();
    await stand.state(stand.calls(30));
    await stateOther(20);
    await until(async () => (await callsOf(stand.tenantId)) === 60);
    expect(await callsOf(other)).toBe(20);

    stand.work({ shard: 1 });
    await stand.settled();
    expect([await callsOf(stand.tenantId), await callsOf(other)]).toEqual([60, 40]);
    const { rows } = await stand.database.admin.query(
      'SELECT count(*)::int AS blocks, count(DISTINCT number)::int AS numbers, array_agg(DISTINCT shard ORDER BY shard) AS shards FROM blocks',
    );
    expect(rows).toEqual([{ blocks: rows[0].numbers, numbers: rows[0].numbers, shards: [0, 1] }]);
    expect((await stand.maintain(compareWithStatements)).findings).toEqual([]);
    await first.stop();
  });

  it('are both worked by one process, and finished by the next when it is killed', async () => {
    await stand.state(stand.calls(30));
    await stateOther(20);
    const killed = stand.spawn({ fault: 'inserted:2:SIGKILL' });
    expect(await killed.ended).toBe('SIGKILL');
    stand.spawn();
    await stand.settled();
    expect([await callsOf(stand.tenantId), await callsOf(other)]).toEqual([30, 20]);
    expect((await stand.maintain(compareWithStatements)).findings).toEqual([]);
  });

  it('hand a clinic over: its facts commute, whichever shard carries them', async () => {
    const workers = [stand.work(), stand.work({ shard: 1 })];
    const calls = stand.calls(30);
    await stand.state(calls, [], { tenantId: other, shard: 1 });
    await moveTo(0, other);
    const changed = calls.map((call) => ({ ...call, outcome: 'booked', intent: 'book_appointment' }));
    await stand.state(changed, [], { tenantId: other, shard: 0 });
    await stateOther(10, 0);
    await stand.settled();
    expect(await callsOf(other)).toBe(40);
    await stand.maintain((work) => rebuild(work, 'test'));
    await stand.settled();
    expect(await callsOf(other)).toBe(40);
    expect((await stand.maintain(compareWithStatements)).findings).toEqual([]);
    await Promise.all(workers.map((worker) => worker.stop()));
  });
});

describe('a shard that is added while a rebuild waits for the others, with a clinic moved to it', () => {
  it('is waited for, too: nothing counts twice', async () => {
    await stand.state(stand.calls(30));
    const busy = await connectDirect({ url: stand.databaseUrl, applicationName: 'test-busy' });
    await lockShards(busy, [1]);
    const rebuilt = stand.maintain((work) => rebuild(work, 'test'));
    await until(async () => {
      const { rowCount } = await stand.database.admin.query(
        `SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = 7301 AND objid = 0
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      );
      return rowCount === 1;
    });
    await stand.database.admin.query('INSERT INTO block_shards (shard) VALUES (2)');
    await moveTo(2, other);
    await stateOther(20, 2);
    await busy.close();
    await rebuilt;
    for (const shard of [0, 1, 2]) stand.work({ shard });
    await stand.settled();
    expect([await callsOf(stand.tenantId), await callsOf(other)]).toEqual([30, 20]);
    expect((await stand.maintain(compareWithStatements)).findings).toEqual([]);
  });
});
