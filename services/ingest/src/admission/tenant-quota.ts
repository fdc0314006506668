import { createQuota, type QuotaState, type SharedCounts } from '@switchboard/platform/quota';
import type { InFlight } from './in-flight.ts';
import { createPace } from './pace.ts';

export interface TenantQuotaOptions {
  /** What is counted for itself, e.g. calls. */
  name: string;
  /** Of what comes in by this door. */
  inFlight: Pick<InFlight, 'isHalfFull'>;
  redis: SharedCounts | undefined;
}

export interface TenantQuota {
  /** Counts one event, and returns when its turn has come. */
  take(tenantId: string, perMinute: number): Promise<QuotaState>;
  /** Counts so many that are let in already. */
  charge(tenantId: string, events: number): Promise<void>;
}

const windowMs = 60_000;

/** What is let in at once all other clinics wait behind: half as much again as the quota's even pace, few always. */
const mostPerSecond = (perMinute: number) => Math.max(20, Math.ceil((1.5 * perMinute * 1_000) / windowMs));

/** A clinic's quota of a minute, of which no rush takes much, and none goes on as one. */
export function createTenantQuota({ name, inFlight, redis }: TenantQuotaOptions): TenantQuota {
  const burst = { windowMs: 1_000, limitOf: mostPerSecond };
  const quota = createQuota({ name: `ingest:${name}`, windowMs, burst, redis });
  const takeTurn = createPace({ atOnce: 4, longestMs: 500 });
  return {
    async take(tenantId, perMinute) {
      const state = await quota.take(tenantId, perMinute);
      // What waits is held in memory. Twice as fast as it may come, so that it is soon gone.
      if (state.allowed && !inFlight.isHalfFull) await takeTurn(tenantId, 2 * mostPerSecond(perMinute));
      return state;
    },
    charge: quota.charge,
  };
}
