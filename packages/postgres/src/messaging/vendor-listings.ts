import type { Queryable } from '../pool.ts';

/** Active clinics whose messages at Twilio are to be looked at now. @param defaultTenantId has its account by the settings */
export async function dueListings(db: Queryable, defaultTenantId: string | null): Promise<string[]> {
  const { rows } = await db.query<{ tenant_id: string }>('SELECT tenant_id FROM due_vendor_listings($1)', [
    defaultTenantId,
  ]);
  return rows.map((row) => row.tenant_id);
}

/**
 * Claims the listing of the open transaction's clinic for `leaseMs`; who dies with it leaves it to the next.
 * @returns until when all was compared, and whether an hour's whole listing is due; undefined: another has it
 */
export async function claimListing(
  client: Queryable,
  tenantId: string,
  leaseMs: number,
): Promise<{ listedUntil: Date; isWholeDue: boolean } | undefined> {
  const { rows } = await client.query<{ listedUntil: Date; isWholeDue: boolean }>(
    `INSERT INTO vendor_listings AS l (tenant_id, vendor, listed_until, next_at)
     VALUES ($1, 'twilio', now(), now() + make_interval(secs => $2::float8 / 1000))
     ON CONFLICT (tenant_id, vendor) DO UPDATE SET next_at = excluded.next_at WHERE l.next_at <= now()
     RETURNING l.listed_until AS "listedUntil", l.whole_at <= now() AS "isWholeDue"`,
    [tenantId, leaseMs],
  );
  return rows[0];
}

/** Since when the open transaction's clinic has each of its WhatsApp numbers, E.164. One of the settings' is not among them. */
export async function numbersSince(client: Queryable, tenantId: string): Promise<Map<string, Date>> {
  const { rows } = await client.query<{ number: string; had_since: Date }>(
    `SELECT number, had_since FROM tenant_numbers WHERE tenant_id = $1 AND channel = 'whatsapp'`,
    [tenantId],
  );
  return new Map(rows.map(({ number, had_since }) => [number, had_since]));
}

/** Ends a listing: when it is looked again, and, after a whole one, until when all is compared and when the next is due. */
export async function finishListing(
  client: Queryable,
  tenantId: string,
  { nextAt, whole }: { nextAt: Date; whole: { until: Date; nextAt: Date } | undefined },
): Promise<void> {
  await client.query(
    `UPDATE vendor_listings SET next_at = $2, listed_until = greatest(listed_until, $3), whole_at = coalesce($4, whole_at)
     WHERE tenant_id = $1 AND vendor = 'twilio'`,
    [tenantId, nextAt, whole?.until ?? null, whole?.nextAt ?? null],
  );
}
