import { createHash } from 'node:crypto';
import { createClickHouse } from '@switchboard/clickhouse';
import type { Engines } from '@switchboard/testkit';
import { expect, inject, it } from 'vitest';
import { accessStatements } from './clickhouse-users.ts';

const engines: Engines = inject('engines');

// The embedded engine can't make users; it reads the statements as a server would.
it('infra/clickhouse/access.sql and the passwords are understood by the engine, statement by statement', async () => {
  const { url, user, password } = engines.clickhouse;
  const client = createClickHouse({ url, user, password, database: 'default' });
  const statements = await accessStatements({ switchboard: 'secret', analyst: `quo'te` });
  try {
    expect(statements.length).toBeGreaterThan(12);
    for (const statement of statements) {
      await client.query('SELECT formatQuery({statement:String}) AS sql', { statement });
    }
  } finally {
    await client.close();
  }
});

it('passwords are sent as salted hashes', async () => {
  const password = `quo'te`;
  const [statement = ''] = (await accessStatements({ analyst: password })).slice(-1);
  const [, hash, salt = ''] =
    /^ALTER USER analyst IDENTIFIED WITH sha256_hash BY '(\w+)' SALT '(\w+)' HOST ANY$/.exec(statement) ?? [];
  expect(salt).toHaveLength(32);
  expect(hash).toBe(
    createHash('sha256')
      .update(password + salt)
      .digest('hex'),
  );
  expect((await accessStatements({ analyst: password })).at(-1)).not.toBe(statement);
});
