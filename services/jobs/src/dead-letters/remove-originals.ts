import type { Logger } from '@switchboard/platform';
import type { Pool } from '@switchboard/postgres';
import { writeAudit } from '@switchboard/postgres/api/audit';
import { isTenant } from '@switchboard/postgres/pipeline/dead-letter-tenants';
import { removeOldOriginals, tenantsWithOldOriginals } from '@switchboard/postgres/pipeline/old-originals';
import { inTenant } from './in-tenant.ts';

export interface RemoveOriginalsOptions {
  pool: Pool;
  logger: Logger;
  /** How long originals of letters that are done with are kept. */
  keepDays: number;
  now(): number;
}

const dayMs = 86_400_000;
const perTransaction = 500;

/** One round: clinic by clinic, removes what was put back or given up long ago, as the audit log tells. @returns false: there is no more */
export async function removeOriginals(
  { pool, logger, keepDays, now }: RemoveOriginalsOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const before = new Date(now() - keepDays * dayMs);
  for (const tenantId of await tenantsWithOldOriginals(pool, before)) {
    let letters = 0;
    for (let some = perTransaction; some === perTransaction && !signal.aborted; letters += some) {
      some = await inTenant(pool, tenantId, async (client) => {
        const removed = await removeOldOriginals(client, tenantId, before, perTransaction);
        if (removed > 0 && tenantId !== null && (await isTenant(client, tenantId)))
          await writeAudit(client, {
            tenantId,
            actorKind: 'system',
            actorId: 'jobs',
            action: 'dead_letter.remove_originals',
            requestId: '',
            details: { rows: removed },
          });
        return removed;
      });
    }
    logger.info({ tenant_id: tenantId, letters }, 'removed originals of dead letters that are done with');
    if (signal.aborted) break;
  }
  return false;
}
