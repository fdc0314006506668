import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { uuidV7 } from '@switchboard/domain/ids';
import { createPool, type LoginRole, migrate, type Pool } from '@switchboard/postgres';

/** A migrated database of one test's own. */
export interface TestDatabase {
  name: string;
  /** As a superuser, whom row-level security does not bind. */
  adminUrl: string;
  admin: Pool;
  /** URL as one of the application's roles. */
  urlAs(role: LoginRole): string;
  /** Makes a clinic; Asia/Kolkata unless told. @returns its id */
  addTenant(tenant?: { slug?: string; timeZone?: string; country?: string }): Promise<string>;
  drop(): Promise<void>;
}

const rolePassword = 'switchboard';
const migrationsDir = fileURLToPath(new URL('../../postgres/migrations', import.meta.url));

/**
 * Copies a migrated template, which is made once per state of the migrations, so that a test gets its database in a
 * fraction of a second.
 * @param postgresAdmin a superuser's URL, `inject('engines').postgresAdmin`
 */
export async function createTestDatabase(postgresAdmin: string): Promise<TestDatabase> {
  const template = await prepareTemplate(postgresAdmin);
  const name = `test_${randomBytes(6).toString('hex')}`;
  await asAdmin(postgresAdmin, (pool) => createFromTemplate(pool, name, template));
  const adminUrl = databaseUrl(postgresAdmin, name);
  const admin = createPool({ url: adminUrl, applicationName: 'test', onError: () => undefined });
  return {
    name,
    adminUrl,
    admin,
    urlAs: (role) => {
      const url = new URL(adminUrl);
      url.username = role;
      url.password = rolePassword;
      return url.toString();
    },
    async addTenant({ slug, timeZone = 'Asia/Kolkata', country = 'IN' } = {}) {
      const id = uuidV7(Date.now());
      await admin.query(
        'INSERT INTO tenants (id, slug, name, time_zone, country) VALUES ($1, $2, $3, $4, $5)',
        [id, slug ?? `clinic-${randomBytes(4).toString('hex')}`, 'Test Clinic', timeZone, country],
      );
      return id;
    },
    async drop() {
      await admin.end();
      await asAdmin(postgresAdmin, (pool) => pool.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
    },
  };
}

async function prepareTemplate(postgresAdmin: string): Promise<string> {
  const template = `template_${migrationsHash()}`;
  await asAdmin(postgresAdmin, async (pool) => {
    // Roles belong to the whole cluster, and a template to all test files: one at a time makes them.
    const client = await pool.connect();
    try {
      await client.query('SELECT pg_advisory_lock(7233)');
      const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [template]);
      if (rowCount) return;
      const unfinished = `${template}_unfinished`;
      await client.query(`DROP DATABASE IF EXISTS ${unfinished} WITH (FORCE)`);
      await client.query(`CREATE DATABASE ${unfinished}`);
      await migrate({ adminUrl: databaseUrl(postgresAdmin, unfinished), rolePasswords });
      await client.query(`ALTER DATABASE ${unfinished} RENAME TO ${template}`);
    } finally {
      client.release(true);
    }
  });
  return template;
}

const rolePasswords: Record<LoginRole, string> = {
  switchboard_migrate: rolePassword,
  switchboard_ingest: rolePassword,
  switchboard_enrich: rolePassword,
  switchboard_sink: rolePassword,
  switchboard_api: rolePassword,
};

/** Only one copy of a template can be made at a time; another may be under way. */
async function createFromTemplate(pool: Pool, name: string, template: string): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('SELECT pg_advisory_lock(7234)');
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  } finally {
    client.release(true);
  }
}

async function asAdmin<T>(url: string, work: (pool: Pool) => Promise<T>): Promise<T> {
  const pool = createPool({
    url,
    applicationName: 'test-admin',
    max: 2,
    statementTimeoutMs: 60_000,
    onError: () => undefined,
  });
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}

function databaseUrl(postgresAdmin: string, name: string): string {
  const url = new URL(postgresAdmin);
  url.pathname = `/${name}`;
  return url.toString();
}

function migrationsHash(): string {
  const hash = createHash('sha256');
  for (const file of readdirSync(migrationsDir).sort())
    hash.update(file).update(readFileSync(`${migrationsDir}/${file}`));
  return hash.digest('hex').slice(0, 12);
}
