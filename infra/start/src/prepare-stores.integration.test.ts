import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { prepareStores } from './prepare-stores.ts';
import { loadSecrets } from './secrets.ts';

let database: TestDatabase;
let dir: string;

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  dir = await mkdtemp(join(tmpdir(), 'switchboard-prepare-'));
  await database.admin.query(
    `INSERT INTO schema_migrations (name, run_on) VALUES ('9999_${randomBytes(4).toString('hex')}', now())`,
  );
});

afterAll(async () => {
  await database.drop();
  await rm(dir, { recursive: true, force: true });
});

/** What a version does that finds a database of another one; what it says. */
async function start(): Promise<string[]> {
  const said: string[] = [];
  await prepareStores({
    engines: { postgres: Promise.resolve(database.adminUrl) },
    secrets: await loadSecrets(dir),
    topicPrefix: '',
    clickhouseDatabase: '',
    step: (_, work) => work(),
    warn: (line) => said.push(line),
  });
  return said;
}

it('a start of an older version leaves tables as they are that a later one has changed, says so, and goes on', async () => {
  expect(await start()).toEqual([expect.stringMatching(/^Tables of Postgres: left as it is: .*9999_/)]);
});

it('a start on a database of which it can’t tell what it lacks says what to do, and notes no keys there', async () => {
  await database.admin.query('DELETE FROM key_fingerprints');
  await database.admin.query(
    'DELETE FROM schema_migrations WHERE name = (SELECT min(name) FROM schema_migrations)',
  );
  await expect(start()).rejects.toMatchObject({
    name: 'StartError',
    code: 'data_of_other_version',
    message: expect.stringContaining('9999_'),
  });
  const { rows } = await database.admin.query('SELECT FROM key_fingerprints');
  expect(rows).toHaveLength(0);
});
