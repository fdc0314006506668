import { postgresUnavailable } from './access-fault.ts';
import type { Queryable } from './pool.ts';

/**
 * Whether Postgres answers. What it throws may be shown to anybody: it is in our words, never the driver's.
 * @throws SwitchboardError `postgres_unavailable`, `postgres_access_refused` (both retryable)
 */
export async function askPostgres(db: Queryable): Promise<void> {
  try {
    await db.query('SELECT 1');
  } catch (cause) {
    throw postgresUnavailable(cause);
  }
}
