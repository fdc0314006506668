import type { Logger } from '@switchboard/platform';
import { createQuota, type QuotaState, type SharedCounts } from '@switchboard/platform/quota';
import type { Queryable } from '@switchboard/postgres';
import { readRequestQuotas } from '@switchboard/postgres/api/quotas';

export interface TakeQuotaOptions {
  pool: Queryable;
  redis?: SharedCounts;
  logger: Logger;
  /** Of a clinic that has no quota of its own. */
  perMinute: number;
  now(): number;
}

/** A changed quota is in force after so long. */
const freshMs = 30_000;
/** After a failed look the next. */
const retryMs = 5_000;

/** Counts a request of a clinic. The quotas last read stay while Postgres is away; before the first look all have the same. */
export function createTakeQuota(options: TakeQuotaOptions): (tenantId: string) => Promise<QuotaState> {
  const { pool, redis, logger, perMinute, now } = options;
  const quota = createQuota({ name: 'api', windowMs: 60_000, redis });
  let own = new Map<string, number>();
  let lookAt = 0;

  function look(): void {
    lookAt = now() + freshMs;
    readRequestQuotas(pool).then(
      (read) => {
        own = read;
      },
      (error: unknown) => {
        lookAt = now() + retryMs;
        logger.warn({ error }, 'quotas were not read; the last known stay');
      },
    );
  }

  return async function takeQuota(tenantId) {
    // Nobody waits for the look.
    if (now() >= lookAt) look();
    return quota.take(tenantId, own.get(tenantId) ?? perMinute);
  };
}
