import { SwitchboardError } from '@switchboard/platform';
import pg from 'pg';
import { postgresUnavailable } from '../access-fault.ts';
import type { Queryable } from '../pool.ts';

export interface DirectConnectionOptions {
  /** Straight to the server: session locks don't survive a pooler. */
  url: string;
  applicationName: string;
  /** Channels to listen on. */
  listen?: readonly string[];
  onNotification?: (channel: string, payload: string) => void;
}

/** One session of Postgres whose locks prove, while it lives, that nobody else works on a shard. */
export interface DirectConnection extends Queryable {
  /**
   * Throws unless the server answered something that was asked less than 10 s ago by the wall clock: a session idle
   * for longer is ended by the server and its locks go to another. The time counted is when the question was sent, so
   * that an answer that waited in a frozen process's buffers proves nothing. Who holds no lock and wants to know sooner
   * gives another limit, in milliseconds; the server is asked every 2 s.
   * @throws SwitchboardError `lock_lost`
   */
  assertAlive(withinMs?: number): void;
  /** Settles with the error that ended the connection; never when it was closed here. */
  readonly lost: Promise<Error>;
  /** Runs `work` in one transaction. */
  transaction<T>(
    begin: 'BEGIN' | 'BEGIN ISOLATION LEVEL REPEATABLE READ',
    work: () => Promise<T>,
  ): Promise<T>;
  close(): Promise<void>;
}

/** How long the server lets the session be idle before it ends it and frees its locks. */
const IDLE_LIMIT_MS = 10_000;
const PING_MS = 2_000;

/**
 * Opens a session that pings every 2 s and that the server ends after 10 s of silence.
 * @throws SwitchboardError `postgres_unavailable`, `postgres_access_refused` (both retryable)
 */
export async function connectDirect(options: DirectConnectionOptions): Promise<DirectConnection> {
  const client = new pg.Client({
    connectionString: options.url,
    application_name: options.applicationName,
    connectionTimeoutMillis: 3_000,
    keepAlive: true,
  });
  let provenAt = Number.NEGATIVE_INFINITY;
  let outstanding = 0;
  let closing = false;
  const { promise: lost, resolve: lose } = Promise.withResolvers<Error>();
  client.on('error', (error) => lose(error));
  client.on('end', () => {
    if (!closing)
      lose(new SwitchboardError('postgres_unavailable', 'the session ended', { retryable: true }));
  });
  client.on('notification', ({ channel, payload }) => options.onNotification?.(channel, payload ?? ''));

  const query = async <R extends pg.QueryResultRow>(text: string, values?: unknown[]) => {
    const sentAt = Date.now();
    outstanding += 1;
    try {
      const result = await client.query<R>(text, values);
      provenAt = Math.max(provenAt, sentAt);
      return result;
    } finally {
      outstanding -= 1;
    }
  };
  try {
    await client.connect();
    await query(
      `SET idle_session_timeout = ${IDLE_LIMIT_MS}; SET idle_in_transaction_session_timeout = ${IDLE_LIMIT_MS}`,
    );
    for (const channel of options.listen ?? []) await query(`LISTEN ${pg.escapeIdentifier(channel)}`);
  } catch (cause) {
    closing = true;
    await client.end().catch(() => undefined);
    throw postgresUnavailable(cause);
  }
  const ping = setInterval(() => {
    if (outstanding === 0) query('SELECT 1').catch(() => undefined);
  }, PING_MS);
  ping.unref();

  return {
    query,
    lost,
    assertAlive(withinMs = IDLE_LIMIT_MS) {
      if (Date.now() - provenAt <= withinMs) return;
      throw new SwitchboardError(
        'lock_lost',
        `the session has not answered for ${withinMs / 1000} s: its locks may be gone`,
      );
    },
    async transaction(begin, work) {
      await query(begin);
      try {
        const result = await work();
        await query('COMMIT');
        return result;
      } catch (error) {
        await query('ROLLBACK').catch(() => undefined);
        throw error;
      }
    },
    async close() {
      closing = true;
      clearInterval(ping);
      await client.end().catch(() => undefined);
    },
  };
}
