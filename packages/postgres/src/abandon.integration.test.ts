import { setTimeout as sleep } from 'node:timers/promises';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { type FaultProxy, startFaultProxy } from '@switchboard/testkit/fault-proxy';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { type Client, createPool, inTransaction, lockTenant, type Pool, withTenant } from './pool.ts';

let database: TestDatabase;
let proxy: FaultProxy;
let pool: Pool;
let tenant: string;
/** Connections that the pool has made. */
let made = 0;

beforeAll(async () => {
  const { postgresAdmin } = inject('engines');
  database = await createTestDatabase(postgresAdmin);
  tenant = await database.addTenant();
  const { hostname: host, port } = new URL(postgresAdmin);
  proxy = await startFaultProxy({ host, port: Number(port) });
  const url = new URL(database.urlAs('switchboard_sink'));
  url.port = String(proxy.port);
  pool = createPool({ url: url.href, applicationName: 'abandon-test', max: 2, statementTimeoutMs: 1_500 });
  pool.on('connect', () => {
    made += 1;
  });
  await database.admin.query('CREATE TABLE written (n int)');
  await database.admin.query('GRANT INSERT ON written TO switchboard_sink');
});
afterAll(async () => {
  await pool.end();
  await proxy.stop();
  await database.drop();
});

const write = (client: Client, n: number) => client.query('INSERT INTO written VALUES ($1)', [n]);
async function written(): Promise<number[]> {
  const { rows } = await database.admin.query<{ n: number }>('SELECT n FROM written ORDER BY n');
  return rows.map(({ n }) => n);
}
const gone = new Error('gone');

it('whoever leaves while his transaction waits for a lock waits no longer, and the connection is kept', async () => {
  await withTenant(pool, tenant, async () => undefined);
  const before = made;
  const [holding, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const holder = withTenant(pool, tenant, async (client) => {
    await lockTenant(client, tenant);
    await client.query('SELECT 1');
    held.resolve();
    await holding.promise;
  });
  await held.promise;
  for (let time = 0; time < 5; time += 1) {
    const leaving = new AbortController();
    const waiting = withTenant(
      pool,
      tenant,
      async (client) => {
        await lockTenant(client, tenant);
        await write(client, 1);
      },
      leaving.signal,
    );
    await expect
      .poll(async () => {
        const { rows } = await database.admin.query(
          `SELECT FROM pg_stat_activity WHERE application_name = 'abandon-test' AND datname = current_database() AND wait_event = 'advisory'`,
        );
        return rows.length;
      })
      .toBe(1);
    leaving.abort(gone);
    await expect(waiting).rejects.toBe(gone);
  }
  holding.resolve();
  await holder;
  expect(await written()).toEqual([]);
  expect(made - before).toBeLessThanOrEqual(1);
});

it('nothing can be written by one that was left between two statements, nor by one that had done all but commit', async () => {
  const before = made;
  const between = new AbortController();
  const left = inTransaction(
    pool,
    async (client) => {
      await write(client, 2);
      between.abort(gone);
      await write(client, 3).catch(() => undefined);
      await write(client, 4);
    },
    between.signal,
  );
  await expect(left).rejects.toBe(gone);
  const atItsEnd = new AbortController();
  const done = inTransaction(
    pool,
    async (client) => {
      await write(client, 5);
      atItsEnd.abort(gone);
    },
    atItsEnd.signal,
  );
  await expect(done).rejects.toBe(gone);
  expect(await written()).toEqual([]);
  expect(made).toBe(before);
});

it('left at any moment it is done or it is not, as was told; what comes next on its connection is not touched', async () => {
  const before = made;
  const told: number[] = [];
  for (let n = 100; n < 400; n += 1) {
    const leaving = new AbortController();
    const work = inTransaction(
      pool,
      async (client) => {
        await write(client, n);
        await client.query('SELECT count(*) FROM pg_class');
      },
      leaving.signal,
    );
    const outcome = work.then(
      () => told.push(n),
      (error) => expect(error).toBe(gone),
    );
    if (n % 3 > 0) await sleep(n % 7);
    else for (let turn = 0; turn < n % 50; turn += 1) await new Promise(setImmediate);
    leaving.abort(gone);
    await outcome;
    await pool.query('SELECT pg_sleep(0.001)');
  }
  expect(await written()).toEqual(told);
  expect(told.length).toBeGreaterThan(0);
  expect(told.length).toBeLessThan(300);
  expect(made - before).toBeLessThanOrEqual(3);
});

it('a server that is silent costs the connection, and nobody waits for it', async () => {
  const leaving = new AbortController();
  const inside = Promise.withResolvers<void>();
  const waiting = inTransaction(
    pool,
    async (client) => {
      await write(client, 7);
      inside.resolve();
      await sleep(100);
      await write(client, 8);
    },
    leaving.signal,
  );
  await inside.promise;
  proxy.swallow(true);
  proxy.freeze();
  leaving.abort(gone);
  await expect(waiting).rejects.toBe(gone);
  proxy.heal();
  await expect.poll(() => pool.query('SELECT 1').then(({ rowCount }) => rowCount)).toBe(1);
  expect(await written()).not.toContain(7);
});
