import { randomBytes, randomUUID } from 'node:crypto';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { createPool, type Pool, withTenant } from '../pool.ts';
import { createSession } from './authentication.ts';
import { changeUser } from './users.ts';

let database: TestDatabase;
let pool: Pool;
let tenantId: string;
let userId: string;

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  pool = createPool({ url: database.urlAs('switchboard_api'), applicationName: 'test', max: 4 });
  tenantId = await database.addTenant();
});
afterAll(async () => {
  await pool?.end();
  await database?.drop();
});
beforeEach(async () => {
  userId = randomUUID();
  await database.admin.query(
    `INSERT INTO users (tenant_id, id, email, display_name, role, password_hash) VALUES ($1, $2, $3, 'U', 'agent', 'old')`,
    [tenantId, userId, `${userId}@clinic.example`],
  );
});

const logIn = (passwordHash: string) =>
  withTenant(pool, tenantId, (client) =>
    createSession(client, { tenantId, userId, passwordHash, tokenHash: randomBytes(32), hours: 1 }),
  );
const sessions = async () =>
  (await database.admin.query('SELECT FROM sessions WHERE user_id = $1', [userId])).rowCount;

describe('a login whose password was checked before', () => {
  test('gets a session while the account is as it was', async () => {
    expect(await logIn('old')).toBeInstanceOf(Date);
    expect(await sessions()).toBe(1);
  });

  test.each([
    ['the password is changed', { passwordHash: 'new' }],
    ['the person is shut out', { status: 'disabled' }],
  ] as const)('gets none once %s, also while that is under way', async (_, change) => {
    const late = await withTenant(pool, tenantId, async (client) => {
      await changeUser(client, tenantId, userId, change);
      const asking = logIn('old');
      // It waits for the change, which is not committed yet.
      await expect
        .poll(async () => {
          const { rows } = await database.admin.query<{ waiting: number }>(
            `SELECT count(*)::int AS waiting FROM pg_stat_activity
             WHERE datname = current_database() AND wait_event_type = 'Lock'`,
          );
          return rows[0]?.waiting;
        })
        .toBe(1);
      return { asking };
    });
    expect(await late.asking).toBeUndefined();
    expect(await sessions()).toBe(0);
  });

  test('whose session is made first loses it to the change', async () => {
    await logIn('old');
    await withTenant(pool, tenantId, (client) => changeUser(client, tenantId, userId, { role: 'manager' }));
    expect(await sessions()).toBe(0);
  });
});

test('a password that was proved before another one was set changes nothing', async () => {
  const change = (passwordHash: string, expectedHash: string) =>
    withTenant(pool, tenantId, (client) =>
      changeUser(client, tenantId, userId, { passwordHash, expectedHash }),
    );
  await change('reset', 'old');
  await expect(change('mine', 'old')).rejects.toMatchObject({ code: 'password_changed' });
  expect(await logIn('reset')).toBeInstanceOf(Date);
});
