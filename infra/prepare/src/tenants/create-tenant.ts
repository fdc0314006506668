import { randomBytes } from 'node:crypto';
import { uuidV7 } from '@switchboard/domain/ids';
import {
  createSealer,
  hashPassword,
  makeApiKey,
  randomPassword,
  SwitchboardError,
  storedApiKey,
} from '@switchboard/platform';
import { type Client, type Pool, withTenant } from '@switchboard/postgres';
import { createApiKey, listApiKeys } from '@switchboard/postgres/api/api-keys';
import { writeAudit } from '@switchboard/postgres/api/audit';
import { listWebhookSecrets, replaceWebhookSecret } from '@switchboard/postgres/api/settings';
import { createUser, listUsers } from '@switchboard/postgres/api/users';
import {
  addTenantNumbers,
  insertTenant,
  listTenants,
  lockTenantSlug,
  type NewTenant,
  type TenantNumber,
} from '@switchboard/postgres/tenancy/tenants';

export interface CreateTenantOptions extends Omit<NewTenant, 'id'> {
  owner: { email: string; name: string };
  numbers: readonly TenantNumber[];
  /** Of the owner; one is made unless given. */
  password: string | undefined;
  /** Seals the webhook secret. */
  secretsKey: Buffer;
  now: () => number;
}

/** What was made, with what is shown this once; what was there already is not in it. */
export interface CreatedTenant {
  id: string;
  slug: string;
  /** Whether the clinic itself is new. */
  isNew: boolean;
  numbers: readonly TenantNumber[];
  owner?: { email: string; password?: string };
  webhookSecret?: string;
  apiKeys: readonly { name: string; scopes: readonly string[]; key: string }[];
}

/** The keys that a clinic begins with, by who holds them. */
const firstKeys = [
  { name: 'Clinic system', scopes: ['events:write', 'appointments:read'] },
  { name: 'Voice agent', scopes: ['voice:tools'] },
  { name: 'Numbers', scopes: ['analytics:read'] },
] as const;

/**
 * Makes a clinic with its numbers, first owner, webhook secret and API keys, in one transaction. Done again, it makes what is
 * missing and changes nothing of what is there.
 * @param pool as `switchboard_migrate` or a superuser
 * @throws SwitchboardError `tenant_differs` `email_taken` `number_taken`: then nothing was made
 */
export async function createTenant(pool: Pool, options: CreateTenantOptions): Promise<CreatedTenant> {
  const [known] = await listTenants(pool, options.slug);
  const id = known?.tenant_id ?? uuidV7(options.now());
  const created = await withTenant(pool, id, async (client) => {
    await lockTenantSlug(client, options.slug);
    const [there] = await listTenants(client, options.slug);
    // Another one has made it meanwhile, under another id.
    if (there && there.tenant_id !== id) return undefined;
    if (there) requireSame(there, options);
    else await insertTenant(client, { ...options, id });
    return makeMissing(client, { ...options, id, isNew: !there });
  });
  return created ?? createTenant(pool, options);
}

function requireSame(
  there: { name: string; time_zone: string; country: string },
  { slug, name, timeZone, country }: CreateTenantOptions,
): void {
  const differing = [
    there.name !== name && 'name',
    there.time_zone !== timeZone && 'time zone',
    there.country !== country && 'country',
  ].filter(Boolean);
  if (differing.length > 0)
    throw new SwitchboardError(
      'tenant_differs',
      `there is a clinic ${slug} already, of another ${differing.join(' and ')}; nothing was changed. Its owner changes it by PATCH /api/v1/settings; another clinic needs another --slug.`,
    );
}

async function makeMissing(
  client: Client,
  options: CreateTenantOptions & { id: string; isNew: boolean },
): Promise<CreatedTenant> {
  const { id, slug, isNew } = options;
  const tell = (action: string, entityKind: string, entityId: string, details = {}) =>
    writeAudit(client, {
      tenantId: id,
      actorKind: 'system',
      actorId: 'tenant-command',
      action,
      entityKind,
      entityId,
      requestId: '',
      details,
    });
  if (isNew) await tell('tenant.create', 'tenant', id);
  const numbers = await addTenantNumbers(client, id, options.numbers);
  if (numbers.length > 0) await tell('tenant.add_numbers', 'tenant', id, { added: numbers.length });
  const owner = await makeOwner(client, options);
  if (owner) await tell('user.create', 'user', owner.id, { role: 'owner' });
  const secret = await makeWebhookSecret(client, options);
  if (secret) await tell('settings.set_webhook_secret', 'webhook_secret', secret.id, { kind: 'voice' });
  const keys = await makeKeys(client, options);
  for (const key of keys) await tell('api_key.create', 'api_key', key.id, { scopes: key.scopes });
  return {
    id,
    slug,
    isNew,
    numbers,
    ...(owner && { owner: { email: owner.email, password: owner.password } }),
    ...(secret && { webhookSecret: secret.secret }),
    apiKeys: keys.map(({ name, scopes, key }) => ({ name, scopes, key })),
  };
}

async function makeOwner(client: Client, options: CreateTenantOptions & { id: string }) {
  const { id: tenantId, owner, password, now } = options;
  const users = await listUsers(client, tenantId);
  if (users.some(({ email }) => email === owner.email)) return undefined;
  const made = password === undefined ? randomPassword() : undefined;
  const id = uuidV7(now());
  const passwordHash = await hashPassword(password ?? made ?? '');
  await createUser(client, tenantId, {
    id,
    email: owner.email,
    displayName: owner.name,
    role: 'owner',
    passwordHash,
  });
  return { id, email: owner.email, password: made };
}

async function makeWebhookSecret(client: Client, options: CreateTenantOptions & { id: string }) {
  const { id: tenantId, secretsKey, now } = options;
  const known = await listWebhookSecrets(client, tenantId);
  if (known.some(({ kind }) => kind === 'voice')) return undefined;
  const id = uuidV7(now());
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const sealed = createSealer(secretsKey).seal(Buffer.from(secret));
  await replaceWebhookSecret(client, tenantId, { id, kind: 'voice', sealed, overlapHours: 0 });
  return { id, secret };
}

async function makeKeys(client: Client, { id: tenantId, now }: CreateTenantOptions & { id: string }) {
  const known = new Set((await listApiKeys(client, tenantId)).map(({ name }) => name));
  const made = firstKeys
    .filter(({ name }) => !known.has(name))
    .map(({ name, scopes }) => ({ id: uuidV7(now()), name, scopes, key: makeApiKey(), expiresAt: null }));
  for (const key of made) await createApiKey(client, tenantId, { ...key, ...storedApiKey(key.key) });
  return made;
}
