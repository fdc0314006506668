/** `npm run tenant -- create|list|show|password|quota`: clinics of an installation, made and looked at from outside. */
import { timingSafeEqual } from 'node:crypto';
import { createInterface } from 'node:readline';
import { describeError, SwitchboardError } from '@switchboard/platform';
import { createPool, type Pool } from '@switchboard/postgres';
import { fingerprintOf, readFingerprints } from '@switchboard/postgres/tenancy/key-fingerprints';
import { listTenants } from '@switchboard/postgres/tenancy/tenants';
import { tenantSettings } from './config.ts';
import { createTenant } from './create-tenant.ts';
import { presentCreated, presentList, presentQuotas, presentShown } from './present.ts';
import { type Request, readRequest, usage } from './read-options.ts';
import { setPassword } from './set-password.ts';
import { setQuotas } from './set-quotas.ts';
import { showTenant } from './show-tenant.ts';

const exitCodes: Readonly<Record<string, number>> = { usage: 64, config_invalid: 78 };

try {
  await main(readRequest(process.argv.slice(2)));
} catch (error) {
  const own = error instanceof SwitchboardError;
  process.stderr.write(`tenant: ${own ? error.message : explain(error)}\n`);
  if (own && error.code === 'usage') process.stderr.write(`\n${usage}`);
  process.exitCode = (own && exitCodes[error.code]) || 1;
}

async function main(request: Request): Promise<void> {
  if (request.command === 'help') {
    process.stdout.write(usage);
    return;
  }
  const settings = tenantSettings('.switchboard');
  const password = await givenPassword(request);
  const pool = createPool({ url: settings.DATABASE_URL, applicationName: 'switchboard-tenant', max: 2 });
  try {
    const lines = await answer(pool, request, { password, secretsKey: settings.SECRETS_KEY });
    process.stdout.write(`${lines}\n`);
  } finally {
    await pool.end();
  }
}

async function answer(
  pool: Pool,
  request: Exclude<Request, { command: 'help' }>,
  { password, secretsKey }: { password: string | undefined; secretsKey: Buffer },
): Promise<string> {
  const print = <T>(value: T, asText: (value: T) => string) =>
    request.json ? JSON.stringify(value, null, 2) : asText(value);
  if (request.command === 'list') return print(await listTenants(pool), presentList);
  if (request.command === 'show') return print(await showTenant(pool, request.slug), presentShown);
  if (request.command === 'quota')
    return print(await setQuotas(pool, request.slug, request.quotas), presentQuotas);
  if (request.command === 'password') {
    const made = await setPassword(pool, { slug: request.slug, email: request.email, password });
    return print({ email: request.email, password: made }, (shown) =>
      made === undefined ? 'The password is set.' : `${shown.email}    password ${made}    (shown this once)`,
    );
  }
  await requireKey(pool, secretsKey);
  return print(await createTenant(pool, { ...request, password, secretsKey, now: Date.now }), presentCreated);
}

/** What is sealed with another key than the services have could never be opened. */
async function requireKey(pool: Pool, secretsKey: Buffer): Promise<void> {
  const noted = (await readFingerprints(pool)).get('SECRETS_KEY');
  if (noted && !timingSafeEqual(noted, fingerprintOf('SECRETS_KEY', secretsKey)))
    throw new SwitchboardError(
      'config_invalid',
      'settings are wrong:\n  SECRETS_KEY: must be the key that this database was set up with',
    );
}

async function givenPassword(request: Request): Promise<string | undefined> {
  if (!('passwordStdin' in request) || !request.passwordStdin) return undefined;
  const lines = createInterface({ input: process.stdin });
  const { value = '' } = await lines[Symbol.asyncIterator]().next();
  lines.close();
  if (value.length < 12)
    throw new SwitchboardError('usage', 'the password on standard input must be 12 characters or longer');
  return value;
}

/** What Postgres said, without its words. */
function explain(error: unknown): string {
  const code: unknown = Reflect.get(Object(error), 'code');
  if (code === '42501') return 'DATABASE_URL must log in as switchboard_migrate or as a superuser';
  if (code === '42883' || code === '42P01')
    return 'the database is not prepared: npm run prepare-stores first';
  return JSON.stringify(describeError(error));
}
