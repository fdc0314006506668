import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startPostgres } from '@switchboard/embedded';
import { createPool } from '@switchboard/postgres';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadSecrets } from './secrets.ts';
import { type Clone, finish, leftovers, makeClone, runCli, untilPrinted } from './testing/run-cli.ts';

let clone: Clone;

beforeEach(async () => {
  clone = await makeClone();
});

afterEach(async () => {
  expect(await leftovers(clone)).toEqual([]);
  await clone.remove();
});

function start(dir: string, args: string[], env: Record<string, string> = {}) {
  return finish(runCli(dir, 'main.ts', args, env));
}

test('a reset forgets the keys with the data, but not those that data elsewhere was made with', async () => {
  const reset = async (env: Record<string, string> = {}) => {
    const cli = runCli(clone.dir, 'main.ts', ['--reset', '--only', 'clickhouse'], env);
    await untilPrinted(cli, 'Ready after');
    cli.child.kill('SIGINT');
    expect(await finish(cli)).toMatchObject({ code: 0 });
    return loadSecrets(clone.data);
  };
  const first = await reset();
  const second = await reset();
  expect(second.secretsKey).not.toBe(first.secretsKey);
  expect(second.apiKey).not.toBe(first.apiKey);
  expect(await reset({ KAFKA_BROKERS: '127.0.0.1:9' })).toEqual(second);
});

test('keys are not forgotten over data that stays', async () => {
  const { code, printed } = await start(clone.dir, ['--reset'], {
    DATABASE_URL: 'postgres://me:hunter2@127.0.0.1:9/db',
  });
  expect(printed).toContain('--reset forgets the keys, and what is in the database of DATABASE_URL');
  expect(printed).not.toContain('hunter2');
  expect(code).toBe(64);
  expect(await readdir(clone.dir)).toEqual([]);
});

test('a database that was set up with other keys is let alone, and taken with the right ones', async () => {
  const other = await makeClone();
  const postgres = await startPostgres({
    dataDir: join(clone.dir, 'elsewhere'),
    password: 'secret',
    databases: [{ name: 'switchboard' }],
    settings: { fsync: 'off', full_page_writes: 'off' },
  });
  const DATABASE_URL = postgres.databaseUrl('switchboard');
  const admin = createPool({ url: DATABASE_URL, applicationName: 'test', max: 1 });
  const passwords = async () =>
    (await admin.query('SELECT rolname, rolpassword FROM pg_authid ORDER BY rolname')).rows;
  const prepare = async (dir: string, env: Record<string, string> = {}) => {
    return start(dir, ['--only', 'postgres'], { DATABASE_URL, ...env });
  };
  try {
    expect(await prepare(clone.dir)).toMatchObject({
      code: 0,
      printed: expect.stringContaining('nothing of what was named runs here'),
    });
    const before = await passwords();
    const refused = await prepare(other.dir);
    expect(refused.printed).toContain('The database was set up with another SECRETS_KEY');
    expect(refused.printed).toContain('Set SECRETS_KEY and PSEUDONYM_KEY to the keys it was set up with');
    expect(refused.code).toBe(23);
    expect(await passwords()).toEqual(before);
    const { secretsKey, pseudonymKey } = await loadSecrets(clone.data);
    const keys = { SECRETS_KEY: secretsKey, PSEUDONYM_KEY: pseudonymKey };
    expect(await prepare(other.dir, keys)).toMatchObject({ code: 0 });
    expect(await leftovers(other)).toEqual([]);
  } finally {
    await admin.end();
    await postgres.stop();
    await other.remove();
  }
});
