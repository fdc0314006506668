import { uuidV7 } from '@switchboard/domain/ids';
import { stateTouched } from '../facts/state-touched.ts';
import { lockTenant, type Pool, withTenant } from '../pool.ts';
import { loadTenantSettings } from '../tenants.ts';
import { type AgedKind, type AgedPlace, clearAged, findAged, findAtRest } from './aged-records.ts';
import { markEmptied } from './clear-calls.ts';
import { eraseCallers } from './erase-patient.ts';
import { standInOf } from './stand-ins.ts';

/** Records in one transaction: the tenant's lock is held for tens of milliseconds. */
const perTransaction = 50;

/**
 * Empties the next of a clinic's records that it keeps no longer as they are. Numbers stay: rows are kept, and a caller's
 * number has a stand-in, which it gets once all of its calls are old, so that repeated calls stay what they were.
 * @returns where it ended; undefined: no more are old
 */
export function emptyAged(
  { pool, pseudonymKey, now }: { pool: Pool; pseudonymKey: Buffer; now(): number },
  tenantId: string,
  kind: AgedKind,
  after: AgedPlace | undefined,
): Promise<AgedPlace | undefined> {
  return withTenant(pool, tenantId, async (client) => {
    await lockTenant(client, tenantId);
    const page = await findAged(client, tenantId, kind, after, perTransaction);
    if (page.length === 0) return undefined;
    const ids = page.map(({ id }) => id);
    if (kind === 'transcripts') await markEmptied(client, tenantId, ids, ['texts']);
    if (kind !== 'calls') await clearAged(client, tenantId, kind, ids);
    else {
      const tenant = (await loadTenantSettings(client, [tenantId])).get(tenantId);
      if (!tenant) return undefined;
      const atRest = await findAtRest(client, tenantId, ids);
      const standIns = atRest.phones.map((phone) => standInOf(pseudonymKey, tenantId, phone));
      const touched = await eraseCallers(client, tenantId, ids, standIns, atRest.conversations);
      await markEmptied(client, tenantId, ids, ['caller']);
      const cause = { eventId: uuidV7(now()), traceparent: null };
      await stateTouched(client, { tenant, pseudonymKey, cause }, touched);
    }
    return page.at(-1);
  });
}
