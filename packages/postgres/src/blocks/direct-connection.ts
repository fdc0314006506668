import { SwitchboardError, sleep } from '@switchboard/platform';
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
/** What has no answer for so long is asked after. */
const WATCH_MS = 5_000;
const SECOND_LOOK_MS = 1_000;
/** Longest time until it is connected and listens. */
const SET_UP_MS = 10_000;
const CLOSE_MS = 1_000;

/**
 * Opens a session that pings every 2 s and that the server ends after 10 s of silence. A question may take as long as the server
 * works on it: when the answer does not come, another connection asks whether it does. If not, twice, the connection is half
 * open, and lost.
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
  /** Questions without an answer, the oldest first. */
  const unanswered: { sentAt: number }[] = [];
  let closing = false;
  let session: number | undefined;
  const { promise: lost, resolve: lose } = Promise.withResolvers<Error>();
  client.on('error', (error) => lose(error));
  client.on('end', () => {
    if (!closing)
      lose(new SwitchboardError('postgres_unavailable', 'the session ended', { retryable: true }));
  });
  client.on('notification', ({ channel, payload }) => options.onNotification?.(channel, payload ?? ''));

  const query = async <R extends pg.QueryResultRow>(text: string, values?: unknown[]) => {
    const sentAt = Date.now();
    unanswered.push({ sentAt });
    try {
      const result = await client.query<R>(text, values);
      provenAt = Math.max(provenAt, sentAt);
      return result;
    } finally {
      unanswered.shift();
    }
  };
  const end = async () => {
    // What is half open does not end by being asked to.
    const ended = new AbortController();
    await Promise.race([client.end().catch(() => undefined), sleep(CLOSE_MS, ended.signal)]);
    ended.abort();
    client.connection.stream.destroy();
  };
  const lookAfter = async () => {
    const [oldest] = unanswered;
    if (session === undefined || !oldest || Date.now() - oldest.sentAt < WATCH_MS) return;
    if (!(await isIdle(options.url, session))) return;
    // Its answer may be on the way.
    await sleep(SECOND_LOOK_MS);
    if (unanswered[0] === oldest && (await isIdle(options.url, session)) && unanswered[0] === oldest)
      client.connection.stream.destroy();
  };
  const watch = setInterval(() => {
    // A server that answers nobody tells nothing of this session.
    lookAfter().catch(() => undefined);
  }, WATCH_MS);
  watch.unref();
  const setUp = setTimeout(() => client.connection.stream.destroy(), SET_UP_MS);
  try {
    await client.connect();
    await query(
      `SET idle_session_timeout = ${IDLE_LIMIT_MS}; SET idle_in_transaction_session_timeout = ${IDLE_LIMIT_MS}`,
    );
    const { rows } = await query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    session = rows[0]?.pid;
    for (const channel of options.listen ?? []) await query(`LISTEN ${pg.escapeIdentifier(channel)}`);
  } catch (cause) {
    closing = true;
    clearInterval(watch);
    await end();
    throw postgresUnavailable(cause);
  } finally {
    clearTimeout(setUp);
  }
  const ping = setInterval(() => {
    if (unanswered.length === 0) query('SELECT 1').catch(() => undefined);
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
      clearInterval(watch);
      await end();
    },
  };
}

/** Whether a session is gone, or at work on no statement. @throws Error when the server does not tell */
async function isIdle(url: string, session: number): Promise<boolean> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'switchboard-watch',
    connectionTimeoutMillis: 3_000,
    query_timeout: 3_000,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ state: string | null }>(
      'SELECT state FROM pg_stat_activity WHERE pid = $1',
      [session],
    );
    const [row] = rows;
    return row === undefined || (row.state ?? '').startsWith('idle');
  } finally {
    client.end().catch(() => undefined);
  }
}
