import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { inTransaction } from '../pool.ts';
import { recordFacts } from '../record-facts.ts';
import {
  blocksAfter,
  finishBlock,
  listShards,
  moveOutbox,
  readPayloads,
  shardStatus,
  undoneBlocks,
} from './blocks.ts';
import { connectDirect, type DirectConnection } from './direct-connection.ts';
import { listTenants, readFactPages, seeTenant } from './fact-pages.ts';
import { readTenantFreshness } from './freshness.ts';
import { lockShards, tryLockShard, unlockShards } from './locks.ts';

let database: TestDatabase;
let tenantId: string;
let connection: DirectConnection;
beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  connection = await connectDirect({
    url: database.urlAs('switchboard_sink'),
    applicationName: 'test',
  });
});
beforeEach(async () => {
  tenantId = await database.addTenant();
});
afterAll(async () => {
  await connection.close();
  await database.drop();
});

const entity = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

async function state(count: number, value = 1): Promise<void> {
  const statements = Array.from({ length: count }, (_, n) => ({
    kind: 'voice_call',
    entityId: entity(n + 1),
    basis: 'started',
    statement: { value, note: 'a "quoted" line\nand another' },
    eventId: entity(n + 1),
  }));
  await inTransaction(database.admin, (client) =>
    recordFacts(client, { tenantId, shard: 0, statementVersion: 1 }, statements),
  );
}

describe('a move', () => {
  it('is refused to a session without the lock', async () => {
    await expect(moveOutbox(connection, 0)).rejects.toMatchObject({ code: '55000' });
  });

  it('fixes a block of lines that carry its number, and leaves nothing behind', async () => {
    await state(3);
    await lockShards(connection, [0]);
    try {
      const moved = await moveOutbox(connection, 0);
      expect(moved).toMatchObject({ rows: 3, drained: true });
      const [block] = await undoneBlocks(connection, 0);
      if (!block) throw new Error('no block');
      expect(block).toMatchObject({ number: moved.number, tenants: [tenantId], rows: 3 });
      const [payload] = await readPayloads(connection, block);
      const lines = payload?.payload.split('\n').map((line) => JSON.parse(line));
      expect(lines?.map((line) => [line.block, line.sign, line.value, line.tenant_id])).toEqual(
        Array.from({ length: 3 }, () => [moved.number, 1, 1, tenantId]),
      );
      expect(await moveOutbox(connection, 0)).toEqual({ number: null, rows: 0, drained: true });
      await finishBlock(connection, block, 1).catch(() => undefined);
    } finally {
      await unlockShards(connection, [0]);
    }
  });

  it('takes the rows of a transaction that was open during the last drain', async () => {
    const client = await database.admin.connect();
    try {
      await client.query('BEGIN');
      await recordFacts(client, { tenantId, shard: 0, statementVersion: 1 }, [
        {
          kind: 'voice_call',
          entityId: entity(9),
          basis: 'started',
          statement: { value: 1 },
          eventId: entity(9),
        },
      ]);
      await lockShards(connection, [0]);
      expect((await moveOutbox(connection, 0)).number).toBe(null);
      await client.query('COMMIT');
      expect(await moveOutbox(connection, 0)).toMatchObject({ rows: 1, drained: true });
    } finally {
      await unlockShards(connection, [0]);
      client.release();
    }
  });

  it('says how far the shard is, and does not claim what is not done', async () => {
    await state(1, 5);
    await lockShards(connection, [0]);
    await moveOutbox(connection, 0);
    const before = await shardStatus(connection, 0);
    await moveOutbox(connection, 0);
    const after = await shardStatus(connection, 0);
    await unlockShards(connection, [0]);
    expect(after.openBlocks).toBeGreaterThan(0);
    expect(after.asOf).toEqual(before.asOf);
  });
});

describe('a done block', () => {
  it('raises the watermark of its tenants and tells who listens', async () => {
    const heard: string[] = [];
    const listener = await connectDirect({
      url: database.urlAs('switchboard_api'),
      applicationName: 'test',
      listen: ['switchboard_block_done'],
      onNotification: (_, payload) => heard.push(payload),
    });
    await database.admin.query(
      `INSERT INTO clickhouse_epochs (epoch, state, identity, shape) VALUES (1, 'current', gen_random_uuid(), '') ON CONFLICT DO NOTHING`,
    );
    await state(2);
    await lockShards(connection, [0]);
    const { number } = await moveOutbox(connection, 0);
    for (const block of await undoneBlocks(connection, 0)) await finishBlock(connection, block, 1);
    await unlockShards(connection, [0]);
    await listener.query('SELECT 1');
    expect(heard.map((text) => JSON.parse(text)).at(-1)).toEqual({
      shard: 0,
      block: number,
      tenants: [tenantId],
    });
    const freshness = await inTransaction(database.admin, async (client) => {
      await seeTenant(client, tenantId);
      return readTenantFreshness(client);
    });
    expect(freshness.block).toBe(number);
    expect(freshness.asOf?.getTime()).toBeGreaterThan(Date.now() - 60_000);
    expect(await blocksAfter(connection, 0, number ?? 0)).toEqual([]);
    await listener.close();
  });
});

describe('locks', () => {
  it('belong to one session', async () => {
    const other = await connectDirect({ url: database.urlAs('switchboard_sink'), applicationName: 'test' });
    await lockShards(connection, [0, 3]);
    expect(await tryLockShard(other, 0)).toBe(false);
    await unlockShards(connection, [0, 3]);
    expect(await tryLockShard(other, 0)).toBe(true);
    await other.close();
  });
});

describe('pages of facts', () => {
  it('hold each statement of the tenant once', async () => {
    await state(5, 7);
    expect((await listTenants(connection)).map((tenant) => tenant.tenantId)).toContain(tenantId);
    expect(await listShards(connection)).toEqual([0]);
    const lines = await connection.transaction('BEGIN', async () => {
      await seeTenant(connection, tenantId);
      const found: { entity_id: string; sign: number; block: number; value: number }[] = [];
      for await (const page of readFactPages(connection, tenantId, 'voice_call'))
        found.push(...page.lines.split('\n').map((line) => JSON.parse(line)));
      return found;
    });
    expect(lines.map((line) => [line.entity_id, line.sign, line.block, line.value])).toEqual(
      Array.from({ length: 5 }, (_, n) => [entity(n + 1), 1, 0, 7]),
    );
  });

  it('of an earlier number than the last is told too: its clinic was moved to another shard meanwhile', async () => {
    await state(1);
    await lockShards(connection, [0]);
    await moveOutbox(connection, 0);
    const [block] = await undoneBlocks(connection, 0);
    if (!block) throw new Error('there is a block');
    const later = `INSERT INTO tenant_watermarks (tenant_id, block, done_at) VALUES ($1, $2, 'epoch')`;
    await database.admin.query(later, [tenantId, block.number + 10]);
    await finishBlock(connection, block, 1);
    await unlockShards(connection, [0]);
    const { rows } = await database.admin.query(
      `SELECT block::int, done_at > 'epoch' AS told FROM tenant_watermarks WHERE tenant_id = $1`,
      [tenantId],
    );
    expect(rows).toEqual([{ block: block.number + 10, told: true }]);
  });
});

describe('a move of many rows', () => {
  it('reads each row a few times at most, though the outbox had next to none when the plan was made', async () => {
    const read = async () => {
      await database.admin.query('SELECT pg_stat_force_next_flush()');
      const { rows } = await database.admin.query<{ read: number }>(
        "SELECT (seq_tup_read + idx_tup_fetch)::int AS read FROM pg_stat_user_tables WHERE relname = 'outbox'",
      );
      return rows[0]?.read ?? 0;
    };
    await database.admin.query('DELETE FROM outbox');
    await lockShards(connection, [0]);
    try {
      for (let value = 2; value < 10; value += 1) {
        await state(1, value);
        await database.admin.query('VACUUM ANALYZE outbox');
        await moveOutbox(connection, 0);
      }
      tenantId = await database.addTenant();
      await state(2_000);
      const before = await read();
      expect(await moveOutbox(connection, 0)).toMatchObject({ rows: 2_000 });
      await connection.query('SELECT pg_stat_force_next_flush()');
      await expect.poll(async () => (await read()) - before).toBeGreaterThan(0);
      expect((await read()) - before).toBeLessThan(10 * 2_000);
    } finally {
      await unlockShards(connection, [0]);
    }
  });
});
