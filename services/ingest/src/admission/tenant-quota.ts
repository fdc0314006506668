import { createQuota, type Quota, type SharedCounts } from '@switchboard/platform/quota';

const windowMs = 60_000;

/** What is let in at once all other clinics wait behind: half as much again as the quota's even pace, few always. */
const mostPerSecond = (perMinute: number) => Math.max(20, Math.ceil((1.5 * perMinute * 1_000) / windowMs));

/**
 * A clinic's quota of a minute, of which no rush takes much.
 * @param name of what is counted for itself, e.g. calls
 */
export function createTenantQuota(name: string, redis: SharedCounts | undefined): Quota {
  const burst = { windowMs: 1_000, limitOf: mostPerSecond };
  return createQuota({ name: `ingest:${name}`, windowMs, burst, redis });
}
