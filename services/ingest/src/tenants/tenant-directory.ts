import { backoff, type Logger, sleep } from '@switchboard/platform';
import type { SigningSecret } from '../signatures/scheme.ts';

/** A tenant with its secrets unsealed. */
export interface Tenant {
  id: string;
  slug: string;
  active: boolean;
  webhookModes: ReadonlySet<string>;
  secrets: readonly TenantSecret[];
  /** Auth tokens of Twilio. */
  twilioSecrets: readonly TenantSecret[];
  /** E.164, by channel: whatsapp, sms. */
  numbers: readonly { channel: string; number: string }[];
  apiKeys: readonly ApiKey[];
  /** Events per minute, where they are not what the settings say for all. */
  quotas: { events?: number | null; records?: number | null };
}

/** A key that a clinic's own system shows. */
export interface ApiKey {
  /** The part of it that is no secret. */
  keyId: string;
  /** SHA-256 of the secret part. */
  secretHash: Buffer;
  scopes: ReadonlySet<string>;
  /** Unix milliseconds; null: until it is revoked. */
  notAfter: number | null;
}

export interface TenantSecret extends SigningSecret {
  /** Unix milliseconds; null: until it is removed. */
  notAfter: number | null;
}

export interface TenantDirectoryOptions {
  /** All tenants as they are now; throws when the store is away. */
  load(): Promise<Tenant[]>;
  /** Tenant of a path that names none. */
  defaultTenantId: string | undefined;
  /** Secret of the default tenant beside its own. */
  defaultSecret: SigningSecret | undefined;
  /** Token of the default tenant's account with Twilio, beside its own. */
  defaultTwilioSecret?: SigningSecret | undefined;
  refreshMs: number;
  logger: Logger;
  now(): number;
}

export interface TenantDirectory {
  /** Loads, and refreshes until stopped. Doesn't wait for the first load: ingest starts while the store is away. */
  start(): void;
  stop(): Promise<void>;
  /** Whether there was a first load. */
  isLoaded(): boolean;
  /** Milliseconds since the last load; undefined before the first. */
  ageMs(): number | undefined;
  /** By UUID or slug; without a name the default tenant. Expired secrets are left out. */
  find(name: string | undefined): Tenant | undefined;
  /** A key by its id, and whose it is; one that has expired is none. */
  findKey(keyId: string): { key: ApiKey; tenant: Tenant } | undefined;
  /** Whose number it is that Twilio serves. */
  findByNumber(channel: string, number: string): Tenant | undefined;
  /** The most secrets of one kind that any tenant has. */
  secretSlots(): number;
}

/** Tenants in memory: the last known stay when the store is away. */
export function createTenantDirectory(options: TenantDirectoryOptions): TenantDirectory {
  const { logger, now, defaultTenantId } = options;
  const stopped = new AbortController();
  let byName = new Map<string, Tenant>();
  let byKeyId = new Map<string, { key: ApiKey; tenant: Tenant }>();
  let byNumber = new Map<string, Tenant>();
  let slots = 1;
  let loadedAt: number | undefined;
  let running: Promise<void> | undefined;

  const refresh = async () => {
    const tenants = (await options.load()).map((tenant) => withDefaultSecret(tenant, options));
    // Ids come last, so that no slug can stand for another tenant's id.
    byName = new Map([
      ...tenants.map((tenant) => [tenant.slug.toLowerCase(), tenant] as const),
      ...tenants.map((tenant) => [tenant.id.toLowerCase(), tenant] as const),
    ]);
    byKeyId = new Map(
      tenants.flatMap((tenant) => tenant.apiKeys.map((key) => [key.keyId, { key, tenant }] as const)),
    );
    byNumber = new Map(
      tenants.flatMap((tenant) =>
        tenant.numbers.map(({ channel, number }) => [`${channel}:${number}`, tenant] as const),
      ),
    );
    loadedAt = now();
    const inForce = (secrets: readonly TenantSecret[]) =>
      secrets.filter(({ notAfter }) => notAfter === null || notAfter > now()).length;
    slots = Math.max(
      1,
      ...tenants.flatMap((tenant) => [inForce(tenant.secrets), inForce(tenant.twilioSecrets)]),
    );
  };

  const run = async () => {
    for (let failures = 0; !stopped.signal.aborted; ) {
      try {
        await refresh();
        if (failures > 0) logger.info({ failures }, 'tenants are loaded again');
        failures = 0;
      } catch (error) {
        failures += 1;
        if (failures === 1)
          logger.warn({ error }, 'tenants were not loaded from Postgres; the last known stay');
      }
      const wait =
        failures > 0
          ? backoff(failures, { baseMs: 250, maxMs: Math.min(5_000, options.refreshMs) })
          : options.refreshMs;
      await sleep(wait, stopped.signal);
    }
  };

  return {
    start() {
      running ??= run();
    },
    async stop() {
      stopped.abort();
      await running;
    },
    isLoaded: () => loadedAt !== undefined,
    ageMs: () => (loadedAt === undefined ? undefined : now() - loadedAt),
    find(name) {
      const tenant = byName.get((name ?? defaultTenantId ?? '').toLowerCase());
      return tenant && withActiveSecrets(tenant, now());
    },
    findKey(keyId) {
      const found = byKeyId.get(keyId);
      const notAfter = found?.key.notAfter ?? null;
      return notAfter === null || now() < notAfter ? found : undefined;
    },
    findByNumber(channel, number) {
      const tenant = byNumber.get(`${channel}:${number}`);
      return tenant && withActiveSecrets(tenant, now());
    },
    secretSlots: () => slots,
  };
}

function withDefaultSecret(
  tenant: Tenant,
  { defaultTenantId, defaultSecret, defaultTwilioSecret }: TenantDirectoryOptions,
): Tenant {
  if (tenant.id.toLowerCase() !== defaultTenantId?.toLowerCase()) return tenant;
  const kept = (secret: SigningSecret | undefined) => (secret ? [{ ...secret, notAfter: null }] : []);
  return {
    ...tenant,
    secrets: [...tenant.secrets, ...kept(defaultSecret)],
    twilioSecrets: [...tenant.twilioSecrets, ...kept(defaultTwilioSecret)],
  };
}

function withActiveSecrets(tenant: Tenant, now: number): Tenant {
  const isActive = ({ notAfter }: TenantSecret) => notAfter === null || now < notAfter;
  const { secrets, twilioSecrets } = tenant;
  if (secrets.every(isActive) && twilioSecrets.every(isActive)) return tenant;
  return { ...tenant, secrets: secrets.filter(isActive), twilioSecrets: twilioSecrets.filter(isActive) };
}
