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
});

afterAll(async () => {
  await database.drop();
  await rm(dir, { recursive: true, force: true });
});

it('a start of an older version leaves a database alone that a newer one has changed, and says what to do', async () => {
  await database.admin.query(
    `INSERT INTO schema_migrations (name, run_on) VALUES ('9999_${randomBytes(4).toString('hex')}', now())`,
  );
  const start = prepareStores({
    engines: { postgres: Promise.resolve(database.adminUrl) },
    secrets: await loadSecrets(dir),
    topicPrefix: '',
    clickhouseDatabase: '',
    step: (_, work) => work(),
  });
  await expect(start).rejects.toMatchObject({
    name: 'StartError',
    code: 'data_of_other_version',
    message: expect.stringContaining('9999_'),
  });
  const { rows } = await database.admin.query('SELECT FROM key_fingerprints');
  expect(rows).toHaveLength(0);
});
