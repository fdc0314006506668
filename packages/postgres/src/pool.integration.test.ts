import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import {
  allAnswered,
  createPool,
  inTransaction,
  lockTenant,
  type Pool,
  together,
  withTenant,
} from './pool.ts';
import { isTransient } from './sql-state.ts';

let database: TestDatabase;
let pool: Pool;
let tenant: string;

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  tenant = await database.addTenant();
  pool = createPool({
    url: database.urlAs('switchboard_sink'),
    applicationName: 'pool-test',
    max: 2,
    statementTimeoutMs: 60_000,
  });
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

const mark = (eventId: string) => ({ text: 'INSERT INTO inbox VALUES ($1, $2)', values: [tenant, eventId] });

async function marks(): Promise<number> {
  const { rows } = await database.admin.query<{ n: number }>('SELECT count(*) AS n FROM inbox');
  return rows[0]?.n ?? -1;
}

/** Ends the server's side of whatever connection of this pool is in a transaction. */
async function breakConnection(): Promise<void> {
  await database.admin.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE application_name = 'pool-test' AND datname = current_database() AND xact_start IS NOT NULL`,
  );
}

describe('transactions', () => {
  it('commits what was written when the work returns, and nothing when it throws', async () => {
    const before = await marks();
    await withTenant(pool, tenant, (client) => client.query(mark('018f0000-0000-7000-8000-000000000001')));
    expect(await marks()).toBe(before + 1);
    const failing = withTenant(pool, tenant, async (client) => {
      await client.query(mark('018f0000-0000-7000-8000-000000000002'));
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await marks()).toBe(before + 1);
  });

  it('tells what went wrong, whatever was sent beside and behind it', async () => {
    const prepared = createPool({
      url: database.urlAs('switchboard_sink'),
      applicationName: 'prepared',
      prepare: true,
      max: 1,
    });
    try {
      const divided = '22012';
      const locks = withTenant(prepared, tenant, (client) =>
        together(client.query('SELECT 1 / $1::int', [0]), lockTenant(client, tenant)),
      );
      await expect(locks).rejects.toMatchObject({ code: divided });
      // Of a statement that could not be prepared a second use says that it is not there.
      const twice = inTransaction(prepared, (client) => {
        const fails = client.query('SELECT 1 / $1::int', [0]);
        const uses = [1, 2].map((n) => client.query('SELECT $1::int AS used', [n]));
        return together(...uses, fails);
      });
      await expect(twice).rejects.toMatchObject({ code: divided });
      const usable = await inTransaction(prepared, (client) => client.query('SELECT $1::int AS used', [3]));
      expect(usable.rows).toEqual([{ used: 3 }]);
    } finally {
      await prepared.end();
    }
  });

  it('sends nothing behind its end, though what went out beside it goes on', async () => {
    const before = await marks();
    const failing = withTenant(pool, tenant, (client) =>
      together(
        (async () => {
          await client.query('SELECT pg_sleep(0.05)');
          await client.query(mark('018f0000-0000-7000-8000-000000000003'));
        })(),
        client.query('SELECT 1 / 0'),
      ),
    );
    await expect(failing).rejects.toMatchObject({ code: '22012' });
    expect(await marks()).toBe(before);
  });

  it('leaves no tenant behind on the connection', async () => {
    const one = createPool({ url: database.urlAs('switchboard_sink'), applicationName: 'one', max: 1 });
    try {
      await withTenant(one, tenant, (client) => client.query('SELECT 1'));
      const { rows } = await one.query('SELECT current_tenant() AS tenant');
      expect(rows).toEqual([{ tenant: null }]);
    } finally {
      await one.end();
    }
  });

  it('survives a connection that breaks under a query, and one that breaks between two', async () => {
    const sleeping = inTransaction(pool, (client) => client.query('SELECT pg_sleep(600)'));
    sleeping.catch(() => undefined);
    const running = `SELECT FROM pg_stat_activity
      WHERE datname = current_database() AND state = 'active' AND query = 'SELECT pg_sleep(600)'`;
    await expect.poll(async () => (await database.admin.query(running)).rowCount).toBe(1);
    await breakConnection();
    // By the one who ended it, and not because it took too long.
    await expect(sleeping).rejects.toMatchObject({ code: '57P01' });
    await expect(sleeping).rejects.toSatisfy(isTransient);

    const interrupted = inTransaction(pool, async (client) => {
      const lost = new Promise((resolve) => client.once('end', resolve));
      await client.query('SELECT 1');
      await breakConnection();
      await lost;
      await client.query('SELECT 1');
    });
    await expect(interrupted).rejects.toSatisfy(isTransient);
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });

  it('says that Postgres is away, as something that may pass', async () => {
    const nowhere = createPool({ url: 'postgres://x@127.0.0.1:1/x', applicationName: 'nowhere' });
    const failing = withTenant(nowhere, tenant, async () => 1);
    await expect(failing).rejects.toMatchObject({ code: 'postgres_unavailable', retryable: true });
    await nowhere.end();
  });
});

describe('lockTenant', () => {
  it('returns before the lock is there; allAnswered waits for it', async () => {
    const release = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    const diary: string[] = [];
    const first = withTenant(database.admin, tenant, async (client) => {
      await lockTenant(client, tenant);
      await allAnswered(client);
      held.resolve();
      await release.promise;
      diary.push('given back');
    });
    await held.promise;
    const second = withTenant(database.admin, tenant, async (client) => {
      await lockTenant(client, tenant);
      diary.push('asked for');
      release.resolve();
      await allAnswered(client);
      diary.push('taken');
    });
    await Promise.all([first, second]);
    expect(diary).toEqual(['asked for', 'given back', 'taken']);
  });

  it("makes one tenant's writes serial and lets tenants run beside each other", async () => {
    const other = await database.addTenant();
    const diary: string[] = [];
    const release = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    const write = (name: string, id: string, wait?: Promise<void>) =>
      withTenant(database.admin, id, async (client) => {
        await lockTenant(client, id);
        await allAnswered(client);
        diary.push(`${name} begins`);
        held.resolve();
        await wait;
        diary.push(`${name} ends`);
      });
    const first = write('first', tenant, release.promise);
    await held.promise;
    const second = write('second', tenant);
    await write('other', other);
    release.resolve();
    await Promise.all([first, second]);
    expect(diary).toEqual([
      'first begins',
      'other begins',
      'other ends',
      'first ends',
      'second begins',
      'second ends',
    ]);
  });
});

describe('values', () => {
  it('reads dates as they are written and counts as numbers', async () => {
    const { rows } = await pool.query(`SELECT '2026-03-29'::date AS day, 9007199254740991::int8 AS count`);
    expect(rows).toEqual([{ day: '2026-03-29', count: 9007199254740991 }]);
  });
});
