import type { Logger } from '@switchboard/platform';
import { createPool, type Queryable } from '../pool.ts';

/** A tenant as ingest needs it, secrets still sealed. */
export interface IngestTenant {
  tenantId: string;
  slug: string;
  status: string;
  /** Modes of signing that the tenant allows: standard, zoice, secret. */
  webhookModes: readonly string[];
  secrets: readonly SealedSecret[];
  /** Auth tokens of Twilio. */
  twilioSecrets: readonly SealedSecret[];
  /** Numbers that Twilio serves, by channel: whatsapp, sms. */
  numbers: readonly { channel: string; number: string }[];
  /** Those that are not revoked and have not expired. */
  apiKeys: readonly IngestApiKey[];
  /** ISO 3166 alpha-2. */
  country: string | null;
  /** IANA name. */
  timeZone: string;
  /** Events per minute; null: as the settings say for all. */
  quotas: { events: number | null; records: number | null };
}

export interface SealedSecret {
  id: string;
  sealed: Buffer;
  /** Unix milliseconds; null: until it is removed. */
  notAfter: number | null;
}

export interface IngestApiKey {
  keyId: string;
  /** SHA-256 of the secret part. */
  secretHash: Buffer;
  scopes: readonly string[];
  /** Unix milliseconds; null: until it is revoked. */
  notAfter: number | null;
}

export interface IngestTenantReader {
  /** All tenants. Rejects within about 6 s when Postgres is away. */
  read(): Promise<IngestTenant[]>;
  /** Ingest's own connections, for what no caller waits for. */
  db: Queryable;
  close(): Promise<void>;
}

export interface IngestTenantReaderOptions {
  databaseUrl: string;
  logger: Logger;
}

interface SecretRow {
  id: string;
  sealed: string;
  not_after: string | null;
}

interface TenantRow {
  tenant_id: string;
  slug: string;
  status: string;
  webhook_modes: string[];
  secrets: SecretRow[] | null;
  twilio_secrets: SecretRow[];
  numbers: { channel: string; number: string }[];
  api_keys: { key_id: string; secret_hash: string; scopes: string[]; not_after: string | null }[];
  country: string | null;
  time_zone: string;
  quota_events: number | null;
  quota_records: number | null;
}

const tenantsQuery = {
  text: `SELECT t.tenant_id, slug, status, webhook_modes, secrets, country, time_zone, coalesce(api_keys, '[]') AS api_keys,
           twilio_secrets, numbers, q.events AS quota_events, q.records AS quota_records
         FROM ingest_tenants() t LEFT JOIN ingest_api_keys() k USING (tenant_id) JOIN ingest_twilio() w USING (tenant_id)
           JOIN tenant_quotas() q USING (tenant_id)`,
  // The server's own time-out doesn't end the wait for a server that is frozen or cut off.
  query_timeout: 6_000,
};

/**
 * Reads tenants through `ingest_tenants()`, `ingest_api_keys()` and `ingest_twilio()`, SECURITY DEFINER functions: ingest learns who a caller is from these
 * rows, so it has no tenant to set for row-level security yet.
 */
export function createIngestTenantReader({
  databaseUrl,
  logger,
}: IngestTenantReaderOptions): IngestTenantReader {
  const pool = createPool({
    url: databaseUrl,
    applicationName: 'switchboard-ingest',
    max: 2,
    connectTimeoutMs: 3_000,
    statementTimeoutMs: 5_000,
    onError: (error) => logger.warn({ error }, 'an idle Postgres connection broke'),
  });
  return {
    async read() {
      const { rows } = await pool.query<TenantRow>(tenantsQuery);
      return rows.map(toTenant);
    },
    db: pool,
    close: () => pool.end(),
  };
}

function toTenant(row: TenantRow): IngestTenant {
  return {
    tenantId: row.tenant_id,
    slug: row.slug,
    status: row.status,
    webhookModes: row.webhook_modes,
    secrets: (row.secrets ?? []).map(toSecret),
    twilioSecrets: row.twilio_secrets.map(toSecret),
    numbers: row.numbers,
    apiKeys: row.api_keys.map((key) => ({
      keyId: key.key_id,
      secretHash: Buffer.from(key.secret_hash, 'base64'),
      scopes: key.scopes,
      notAfter: key.not_after ? Date.parse(key.not_after) : null,
    })),
    country: row.country,
    timeZone: row.time_zone,
    quotas: { events: row.quota_events, records: row.quota_records },
  };
}

function toSecret({ id, sealed, not_after }: SecretRow): SealedSecret {
  return { id, sealed: Buffer.from(sealed, 'base64'), notAfter: not_after ? Date.parse(not_after) : null };
}
