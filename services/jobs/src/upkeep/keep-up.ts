import type { Logger } from '@switchboard/platform';
import { forEachTenant, lockTenant, type Pool, withTenant } from '@switchboard/postgres';
import { removeOldHolds } from '@switchboard/postgres/scheduling/old-holds';
import { loadTenantSettings } from '@switchboard/postgres/tenants';
import { removeOldDeliveries, tenantsToTidy } from '@switchboard/postgres/webhooks/old-deliveries';

export interface UpkeepOptions {
  pool: Pool;
  /** Keyed HMAC of callers' numbers. */
  pseudonymKey: Buffer;
  logger: Logger;
  /** How long deliveries are kept. */
  keepDays: number;
  now(): number;
}

const dayMs = 86_400_000;
const perTransaction = 1_000;
/** Who says yes just as a hold has run out is told that the time is gone, not that the hold never was, unless a booking removed it. */
const holdGraceMs = 60_000;

/**
 * One round: clinic by clinic, removes holds that are over and deliveries that are old.
 * @returns false: there is no more
 * @throws what failed for one clinic, once all others are done
 */
export async function keepUp(options: UpkeepOptions, signal: AbortSignal): Promise<boolean> {
  const { pool, pseudonymKey, logger, now } = options;
  const over = new Date(now() - holdGraceMs);
  const old = new Date(now() - options.keepDays * dayMs);
  const tenantIds = await tenantsToTidy(pool, over, old);
  const failure = await forEachTenant(tenantIds, signal, tidy, (tenant_id, error) =>
    logger.warn({ tenant_id, error }, 'a clinic could not be tidied and comes again'),
  );
  if (failure) throw failure.error;
  return false;

  async function tidy(tenantId: string): Promise<void> {
    const holds = await withTenant(pool, tenantId, async (client) => {
      await lockTenant(client, tenantId);
      const tenant = (await loadTenantSettings(client, [tenantId])).get(tenantId);
      return tenant ? removeOldHolds(client, { tenant, pseudonymKey, now: now() }, over) : 0;
    });
    let deliveries = 0;
    for (let some = perTransaction; some === perTransaction && !signal.aborted; deliveries += some) {
      some = await withTenant(pool, tenantId, (client) =>
        removeOldDeliveries(client, tenantId, old, perTransaction),
      );
    }
    logger.info({ tenant_id: tenantId, holds, deliveries }, 'removed what is over');
  }
}
