import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { migrate } from './migrate.ts';
import { createPool } from './pool.ts';

/** For `CREATE DATABASE` alone. */
let database: TestDatabase;
const made: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
});

afterAll(async () => {
  for (const name of made) await database.admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await database.drop();
});

async function emptyDatabase(): Promise<string> {
  const name = `migrate_${randomBytes(6).toString('hex')}`;
  await database.admin.query(`CREATE DATABASE ${name}`);
  made.push(name);
  const url = new URL(database.adminUrl);
  url.pathname = `/${name}`;
  return url.href;
}

async function migrationFiles(): Promise<string[]> {
  const files = await readdir(new URL('../migrations', import.meta.url));
  return files.map((file) => file.replace(/\.(sql|js)$/, '')).sort();
}

describe('migrate', () => {
  it('applies every migration in order, and nothing the second time', async () => {
    const adminUrl = await emptyDatabase();
    expect(await migrate({ adminUrl })).toEqual(await migrationFiles());
    expect(await migrate({ adminUrl })).toEqual([]);
  });

  it('may be run by several at once: one applies, the others find it done', async () => {
    const adminUrl = await emptyDatabase();
    const applied = await Promise.all([migrate({ adminUrl }), migrate({ adminUrl }), migrate({ adminUrl })]);
    expect(applied.map((names) => names.length).sort()).toEqual([0, 0, (await migrationFiles()).length]);
  });

  it('leaves a database as it is that a later version has changed, and says that this version may run on it', async () => {
    const adminUrl = await emptyDatabase();
    await migrate({ adminUrl });
    const pool = createPool({ url: adminUrl, applicationName: 'migrate-test', max: 1 });
    try {
      await pool.query(
        `INSERT INTO schema_migrations (name, run_on) VALUES ('9998_newer', now()), ('9999_newest', now())`,
      );
      const said: string[] = [];
      expect(await migrate({ adminUrl, say: (line) => said.push(line) })).toEqual([]);
      expect(said).toEqual([expect.stringMatching(/left as it is.*\(2 migrations.*9999_newest/)]);
      const { rows } = await pool.query('SELECT name FROM schema_migrations');
      expect(rows).toHaveLength((await migrationFiles()).length + 2);
    } finally {
      await pool.end();
    }
  });

  it('refuses a database that another version has changed and that lacks what this one needs', async () => {
    const adminUrl = await emptyDatabase();
    const files = await migrationFiles();
    await migrate({ adminUrl, count: files.length - 1 });
    const pool = createPool({ url: adminUrl, applicationName: 'migrate-test', max: 1 });
    try {
      await pool.query(`INSERT INTO schema_migrations (name, run_on) VALUES ('9999_elsewhere', now())`);
      await expect(migrate({ adminUrl })).rejects.toMatchObject({
        code: 'database_newer',
        retryable: false,
        message: expect.stringMatching(
          new RegExp(`has 1 migrations .*9999_elsewhere, and lacks ${files.at(-1)}.*backup`, 's'),
        ),
      });
      const { rows } = await pool.query('SELECT name FROM schema_migrations');
      expect(rows).toHaveLength(files.length);
    } finally {
      await pool.end();
    }
  });

  it('leaves all tables to a role that row-level security binds', async () => {
    const adminUrl = await emptyDatabase();
    await migrate({ adminUrl });
    const pool = createPool({ url: adminUrl, applicationName: 'migrate-test', max: 1 });
    try {
      const { rows } = await pool.query(
        `SELECT DISTINCT r.rolname, r.rolsuper OR r.rolbypassrls AS above
         FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'S')
           AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')`,
      );
      expect(rows).toEqual([{ rolname: 'switchboard_migrate', above: false }]);
    } finally {
      await pool.end();
    }
  });
});
