import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { childEnv, type PostgresEngine, startPostgres } from '@switchboard/embedded';
import { createPool, migrate } from '@switchboard/postgres';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { projectRoot } from './project-root.ts';

const run = promisify(execFile);

/** Its roles get passwords that other tests don't know, so it is a server of its own. */
let dir: string;
let postgres: PostgresEngine;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'switchboard-init-'));
  postgres = await startPostgres({
    dataDir: join(dir, 'data'),
    password: 'superuser',
    databases: [{ name: 'switchboard' }],
    settings: { fsync: 'off' },
  });
  const psql = join(dir, 'psql');
  const program = join(projectRoot, 'infra/deploy/src/testing/psql.ts');
  await writeFile(psql, `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
  await chmod(psql, 0o755);
});
afterAll(async () => {
  await postgres?.stop();
  await rm(dir, { recursive: true, force: true });
});

const urlAs = (role: string, database = 'switchboard') =>
  `postgres://${role}:of-${role.replace('switchboard_', '')}@127.0.0.1:${postgres.port}/${database}`;

async function ask(url: string, sql: string): Promise<unknown[]> {
  const pool = createPool({ url, applicationName: 'test', max: 1 });
  try {
    return (await pool.query(sql)).rows;
  } finally {
    await pool.end();
  }
}

/** What every run of the stand-in needs to know. */
const psqlEnv = () => ({
  PATH: `${dir}:${process.env.PATH}`,
  PSQL_URL: postgres.databaseUrl('switchboard'),
  PSQL_SETUP: join(projectRoot, 'packages/postgres/setup'),
});

it('init.sh makes roles, passwords and the registry’s database, and prepare-stores needs no superuser then', async () => {
  await run('sh', [join(projectRoot, 'infra/postgres/init.sh')], {
    env: childEnv({
      ...psqlEnv(),
      POSTGRES_USER: 'postgres',
      POSTGRES_DB: 'switchboard',
      POSTGRES_MIGRATE_PASSWORD: 'of-migrate',
      POSTGRES_INGEST_PASSWORD: 'of-ingest',
      POSTGRES_ENRICH_PASSWORD: 'of-enrich',
      POSTGRES_SINK_PASSWORD: 'of-sink',
      POSTGRES_API_PASSWORD: 'of-api',
      POSTGRES_REGISTRY_PASSWORD: 'of-registry',
    }),
  });
  expect((await migrate({ adminUrl: urlAs('switchboard_migrate') })).length).toBeGreaterThan(0);
  expect(await ask(urlAs('switchboard_ingest'), 'SELECT * FROM ingest_tenants()')).toEqual([]);
  await expect(ask(urlAs('switchboard_ingest'), 'SELECT * FROM patients')).rejects.toMatchObject({
    code: '42501',
  });
  for (const role of ['enrich', 'sink', 'api']) {
    expect(await ask(urlAs(`switchboard_${role}`), 'SELECT current_user AS name')).toEqual([
      { name: `switchboard_${role}` },
    ]);
  }
  await ask(urlAs('registry', 'registry'), 'CREATE TABLE schemas (id int)');
  await expect(
    migrate({
      adminUrl: urlAs('switchboard_migrate'),
      rolePasswords: {
        switchboard_migrate: 'x',
        switchboard_ingest: 'x',
        switchboard_enrich: 'x',
        switchboard_sink: 'x',
        switchboard_api: 'x',
      },
    }),
  ).rejects.toMatchObject({ code: 'not_superuser' });
});
