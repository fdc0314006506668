import { SwitchboardError } from '@switchboard/platform';
import type { Client, Queryable } from '../pool.ts';

export interface TenantRow {
  tenant_id: string;
  slug: string;
  name: string;
  status: 'active' | 'suspended';
  time_zone: string;
  country: string;
  created_at: Date;
}

export interface NewTenant {
  id: string;
  slug: string;
  name: string;
  /** IANA name. */
  timeZone: string;
  /** ISO 3166-1 alpha-2. */
  country: string;
  /** BCP 47. */
  locale: string;
}

export interface TenantNumber {
  /** E.164. */
  number: string;
  channel: 'voice' | 'whatsapp' | 'sms';
}

/** All clinics by slug; as `switchboard_migrate` or a superuser. @param slug of the only one to be told of */
export async function listTenants(db: Queryable, slug?: string): Promise<TenantRow[]> {
  const { rows } = await db.query<TenantRow>(
    `SELECT tenant_id, slug, name, status, time_zone, country, created_at FROM tenant_directory()
     WHERE $1::text IS NULL OR slug = $1 ORDER BY slug`,
    [slug ?? null],
  );
  return rows;
}

/** Until the transaction ends, nobody else makes or changes the clinic of this slug by this function's callers. */
export async function lockTenantSlug(client: Client, slug: string): Promise<void> {
  await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('tenant ' || $1, 0))`, [slug]);
}

/** Makes a clinic in a transaction of its own id; one that is there stays as it is. */
export async function insertTenant(client: Client, tenant: NewTenant): Promise<void> {
  const { id, slug, name, timeZone, country, locale } = tenant;
  await client.query(
    `INSERT INTO tenants (id, slug, name, time_zone, country, locale) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (id) DO NOTHING`,
    [id, slug, name, timeZone, country, locale],
  );
}

/** The clinic's numbers, by channel. */
export async function listTenantNumbers(db: Queryable, tenantId: string): Promise<TenantNumber[]> {
  const { rows } = await db.query<TenantNumber>(
    'SELECT number, channel FROM tenant_numbers WHERE tenant_id = $1 ORDER BY channel, number',
    [tenantId],
  );
  return rows;
}

/**
 * Adds numbers; those that the clinic has stay.
 * @returns those that are new
 * @throws SwitchboardError `number_taken`: another clinic has it
 */
export async function addTenantNumbers(
  db: Queryable,
  tenantId: string,
  numbers: readonly TenantNumber[],
): Promise<TenantNumber[]> {
  const { rows } = await db
    .query<TenantNumber>(
      `INSERT INTO tenant_numbers (tenant_id, number, channel)
       SELECT $1, number, channel FROM jsonb_to_recordset($2) AS row (number text, channel text)
       ON CONFLICT (tenant_id, channel, number) DO NOTHING RETURNING number, channel`,
      [tenantId, JSON.stringify(numbers)],
    )
    .catch((error: unknown) => {
      throw Reflect.get(Object(error), 'constraint') === 'tenant_numbers_number'
        ? new SwitchboardError('number_taken', 'another clinic has one of these numbers', { cause: error })
        : error;
    });
  return rows;
}
