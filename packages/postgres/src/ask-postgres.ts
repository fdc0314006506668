import { SwitchboardError } from '@switchboard/platform';
import type { Queryable } from '@switchboard/postgres';

/** @throws SwitchboardError `postgres_unavailable` when it does not answer */
export async function askPostgres(db: Queryable): Promise<void> {
  try {
    await db.query('SELECT 1');
  } catch (cause) {
    throw new SwitchboardError('postgres_unavailable', 'Postgres cannot be reached', {
      retryable: true,
      cause,
    });
  }
}
