import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLogger, createSealer, isPassword, storedApiKey } from '@switchboard/platform';
import { createPool } from '@switchboard/postgres';
import { findLogin } from '@switchboard/postgres/api/authentication';
import { createIngestTenantReader } from '@switchboard/postgres/ingest/tenants';
import { fingerprintOf } from '@switchboard/postgres/tenancy/key-fingerprints';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { type CreateTenantOptions, createTenant } from './create-tenant.ts';
import { setPassword } from './set-password.ts';
import { setQuotas } from './set-quotas.ts';
import { showTenant } from './show-tenant.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const secretsKey = randomBytes(32);
let database: TestDatabase;
let dir: string;
const pools: ReturnType<typeof createPool>[] = [];

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  dir = await mkdtemp(join(tmpdir(), 'switchboard-tenant-'));
});
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.end()));
  await database?.drop();
  await rm(dir, { recursive: true, force: true });
});

/** Not a superuser: row-level security binds it. */
function asOwner(max = 2) {
  const pool = createPool({ url: database.urlAs('switchboard_migrate'), applicationName: 'test', max });
  pools.push(pool);
  return pool;
}

const wanted = (slug: string, over: Partial<CreateTenantOptions> = {}): CreateTenantOptions => ({
  slug,
  name: `Clinic ${slug}`,
  timeZone: 'Europe/London',
  country: 'GB',
  locale: 'en-GB',
  owner: { email: `owner@${slug}.example`, name: 'Anna Owner' },
  numbers: [],
  password: undefined,
  secretsKey,
  now: Date.now,
  ...over,
});

/** Every row that a clinic consists of, for a comparison. */
async function everything(): Promise<unknown[]> {
  const tables = ['tenants', 'tenant_numbers', 'tenant_webhook_secrets', 'users', 'api_keys', 'audit_log'];
  return Promise.all(
    tables.map(async (table) => (await database.admin.query(`SELECT * FROM ${table} ORDER BY 1, 2`)).rows),
  );
}

async function auditOf(tenantId: string): Promise<string[]> {
  const { rows } = await database.admin.query<{ action: string }>(
    'SELECT action FROM audit_log WHERE tenant_id = $1 ORDER BY id',
    [tenantId],
  );
  return rows.map(({ action }) => action);
}

describe('a clinic that is made', () => {
  it('has an owner who can log in, keys and a secret that the services know, and an audit line for each', async () => {
    const pool = asOwner();
    const numbers = [{ number: '+442079460001', channel: 'voice' } as const];
    const made = await createTenant(pool, wanted('elm', { numbers }));
    expect(made).toMatchObject({ slug: 'elm', isNew: true, numbers });

    const login = await findLogin(database.admin, 'owner@elm.example');
    expect(login?.tenantId).toBe(made.id);
    expect(await isPassword(made.owner?.password ?? '', login?.passwordHash)).toBe(true);

    const reader = createIngestTenantReader({
      databaseUrl: database.urlAs('switchboard_ingest'),
      logger: createLogger({ service: 'test', level: 'silent' }),
    });
    const known = (await reader.read()).find(({ tenantId }) => tenantId === made.id);
    await reader.close();
    expect(known).toMatchObject({ slug: 'elm', status: 'active', timeZone: 'Europe/London' });
    const opened = known?.secrets.map(({ sealed }) => createSealer(secretsKey).open(sealed).toString());
    expect(opened).toEqual([made.webhookSecret]);
    for (const { key, scopes } of made.apiKeys)
      expect(known?.apiKeys).toContainEqual({ ...storedApiKey(key), scopes: [...scopes], notAfter: null });

    expect((await auditOf(made.id)).sort()).toEqual([
      ...made.apiKeys.map(() => 'api_key.create'),
      'settings.set_webhook_secret',
      'tenant.add_numbers',
      'tenant.create',
      'user.create',
    ]);
    const shown = JSON.stringify(await showTenant(pool, 'elm'));
    expect(shown).toContain('+442079460001');
    for (const secret of [made.owner?.password, made.webhookSecret, ...made.apiKeys.map(({ key }) => key)])
      expect(shown).not.toContain(secret);
  });

  it('is made once, however often and however many at once ask for it', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => createTenant(asOwner(), wanted('oak'))));
    expect(answers.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(answers.filter(({ owner }) => owner)).toHaveLength(1);
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    const before = await everything();
    const again = await createTenant(asOwner(), wanted('oak'));
    expect(again).toEqual({ id: answers[0]?.id, slug: 'oak', isNew: false, numbers: [], apiKeys: [] });
    expect(await everything()).toEqual(before);
  });

  it('gets what is missing, and keeps what is there', async () => {
    const id = await database.addTenant({ slug: 'ash', timeZone: 'Europe/London', country: 'GB' });
    const made = await createTenant(asOwner(), wanted('ash', { name: 'Test Clinic' }));
    expect(made).toMatchObject({ id, isNew: false, owner: { email: 'owner@ash.example' } });
    expect(made.apiKeys).toHaveLength(3);
    expect(await auditOf(id)).not.toContain('tenant.create');
  });

  it.each([
    ['tenant_differs', { slug: 'yew', name: 'Another' }],
    ['tenant_differs', { slug: 'yew', timeZone: 'Asia/Kolkata' }],
    ['email_taken', { slug: 'fir', owner: { email: 'owner@yew.example', name: 'Anna' } }],
    ['number_taken', { slug: 'fir', numbers: [{ number: '+442079460002', channel: 'whatsapp' } as const] }],
  ])('is refused whole: %s', async (code, over) => {
    const pool = asOwner();
    const numbers = [{ number: '+442079460002', channel: 'whatsapp' } as const];
    await createTenant(pool, wanted('yew', { numbers }));
    const before = await everything();
    await expect(createTenant(pool, wanted(over.slug, over))).rejects.toMatchObject({ code });
    expect(await everything()).toEqual(before);
  });
});

it('another password ends the sessions of the old one', async () => {
  const pool = asOwner();
  const { id } = await createTenant(pool, wanted('lime', { password: 'the first password' }));
  await database.admin.query(
    `INSERT INTO sessions (tenant_id, token_hash, user_id, expires_at)
     SELECT tenant_id, $2, id, now() + interval '1 day' FROM users WHERE tenant_id = $1`,
    [id, randomBytes(32)],
  );
  const account = { slug: 'lime', email: 'owner@lime.example', password: undefined };
  const made = await setPassword(pool, account);
  const login = await findLogin(database.admin, account.email);
  expect(await isPassword('the first password', login?.passwordHash)).toBe(false);
  expect(await isPassword(made ?? '', login?.passwordHash)).toBe(true);
  const { rowCount } = await database.admin.query('SELECT FROM sessions WHERE tenant_id = $1', [id]);
  expect(rowCount).toBe(0);
  expect(await auditOf(id)).toContain('user.reset_password');
  await expect(setPassword(pool, { ...account, email: 'x@y.example' })).rejects.toMatchObject({
    code: 'user_unknown',
  });
  await expect(setPassword(pool, { ...account, slug: 'none' })).rejects.toMatchObject({
    code: 'tenant_unknown',
  });
});

describe('npm run tenant', () => {
  const create = ['create', '--slug', 'beech', '--name', 'Beech', '--time-zone', 'Asia/Kolkata']
    .concat(['--country', 'IN', '--owner-email', 'Owner@Beech.example', '--voice-number', '022 4000 7777'])
    .concat(['--password-stdin', '--json']);

  interface Outcome {
    code: number;
    stdout: string;
    stderr: string;
  }

  async function run(args: readonly string[], { env = {}, input = '' } = {}): Promise<Outcome> {
    const given = {
      PATH: process.env.PATH,
      DATABASE_URL: database.urlAs('switchboard_migrate'),
      SECRETS_KEY: secretsKey.toString('base64'),
      ...env,
    };
    return new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        [main, ...args],
        { cwd: dir, env: given },
        (error, ...said) => {
          resolve({ code: Number(error?.code ?? 0), stdout: said[0], stderr: said[1] });
        },
      );
      child.stdin?.end(input);
    });
  }

  it('takes the password from standard input and never shows it; done again it says that nothing was changed', async () => {
    const first = await run(create, { input: 'a password of mine\n' });
    expect(first).toMatchObject({ code: 0, stderr: '' });
    const made = z.looseObject({ id: z.uuid(), owner: z.unknown(), numbers: z.unknown() });
    expect(made.parse(JSON.parse(first.stdout))).toMatchObject({
      owner: { email: 'owner@beech.example' },
      numbers: [{ channel: 'voice', number: '+912240007777' }],
    });
    expect(first.stdout).not.toContain('a password of mine');
    const again = await run(
      create.filter((word) => word !== '--json'),
      { input: 'a password of mine\n' },
    );
    expect(again.code).toBe(0);
    expect(again.stdout).toContain('nothing was changed');
    const login = await findLogin(database.admin, 'owner@beech.example');
    expect(await isPassword('a password of mine', login?.passwordHash)).toBe(true);
  });

  it('sets quotas, which ingest and the API count by; what is not named stays; the clinic’s audit log tells of it', async () => {
    const pool = asOwner();
    const none = { events_per_minute: null, records_per_minute: null, requests_per_minute: null };
    expect(await setQuotas(pool, 'beech', {})).toEqual(none);
    const said = await run(['quota', '--slug', 'beech', '--events', '1200', '--requests', '600']);
    expect(said).toMatchObject({ code: 0, stdout: expect.stringContaining('1200 calls a minute') });
    expect(await setQuotas(pool, 'beech', { requests_per_minute: null, records_per_minute: 6000 })).toEqual({
      ...none,
      events_per_minute: 1200,
      records_per_minute: 6000,
    });
    await expect(setQuotas(pool, 'nobody', { events_per_minute: 1 })).rejects.toMatchObject({
      code: 'tenant_unknown',
    });
    const { rows } = await database.admin.query<{ tenant_id: string; details: unknown }>(
      `SELECT tenant_id, details FROM audit_log WHERE action = 'tenant.set_quotas' ORDER BY id`,
    );
    expect(rows.map(({ details }) => details)).toEqual([
      { events_per_minute: 1200, requests_per_minute: 600 },
      { records_per_minute: 6000, requests_per_minute: null },
    ]);
    const reader = createIngestTenantReader({
      databaseUrl: database.urlAs('switchboard_ingest'),
      logger: createLogger({ service: 'test', level: 'silent' }),
    });
    const known = (await reader.read()).find(({ tenantId }) => tenantId === rows[0]?.tenant_id);
    await reader.close();
    expect(known?.quotas).toEqual({ events: 1200, records: 6000 });
  });

  it('names the setting that is wrong', async () => {
    const unable = await run(['list'], { env: { DATABASE_URL: database.urlAs('switchboard_enrich') } });
    expect(unable).toMatchObject({ code: 1 });
    expect(unable.stderr).toContain('switchboard_migrate');
  });

  it('refuses another key than that of the database', async () => {
    await database.admin.query('INSERT INTO key_fingerprints (name, fingerprint) VALUES ($1, $2)', [
      'SECRETS_KEY',
      fingerprintOf('SECRETS_KEY', randomBytes(32)),
    ]);
    const refused = await run(create, { input: 'a password of mine\n' });
    expect(refused).toMatchObject({ code: 78 });
    expect(refused.stderr).toContain('SECRETS_KEY: must be the key that this database was set up with');
    await database.admin.query('DELETE FROM key_fingerprints');
  });

  it('takes the settings of the stack that runs here', async () => {
    const home = join(dir, '.switchboard');
    await mkdir(home);
    await writeFile(join(home, 'demo.json'), JSON.stringify({ postgres: database.adminUrl }));
    await writeFile(
      join(home, 'secrets.json'),
      JSON.stringify({ secretsKey: secretsKey.toString('base64') }),
    );
    const listed = await run(['list'], { env: { DATABASE_URL: '', SECRETS_KEY: '' } });
    expect(listed).toMatchObject({ code: 0 });
    expect(listed.stdout).toMatch(/^beech +Beech +active +Asia\/Kolkata +IN/m);
  });
});
