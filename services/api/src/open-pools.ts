import { createPool, type Pool } from '@switchboard/postgres';
import type { ApiConfig } from './config.ts';

/** How long a tool or a booking waits for a connection, ms: what a voice has left then must do for the work. */
const writeWaitMs = 2_000;

/** The API's two pools: of what reads, and of tools, bookings and the inbox, whose statements are few. */
export function openPools(
  { DATABASE_URL: url, API_POSTGRES_CONNECTIONS: max, API_QUERY_TIMEOUT_MS: statementTimeoutMs }: ApiConfig,
  onError: (error: Error) => void,
): { pool: Pool; writePool: Pool } {
  const options = { url, applicationName: 'switchboard-api', max, statementTimeoutMs, onError };
  return {
    pool: createPool(options),
    writePool: createPool({ ...options, connectTimeoutMs: writeWaitMs, prepare: true }),
  };
}
