import pg from 'pg';
import { type Abandoning, abandon } from './abandon.ts';
import { ExplainingClient, postgresUnavailable } from './access-fault.ts';
import { sqlStateOf } from './sql-state.ts';

// Milliseconds since the epoch would lose nothing, but a number is what every caller of counts expects.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);
// A date is a date of the clinic's calendar, not an instant of this machine's zone.
pg.types.setTypeParser(pg.types.builtins.DATE, (text) => text);

export type Pool = pg.Pool;
export type Client = pg.PoolClient;

/** What runs SQL: a pool, a pooled client inside a transaction, or a plain client. */
export interface Queryable {
  query<R extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<pg.QueryResult<R>>;
}

export interface PoolOptions {
  url: string;
  applicationName: string;
  max?: number;
  /** Longest time of one statement, milliseconds. */
  statementTimeoutMs?: number;
  connectTimeoutMs?: number;
  /**
   * Statements with values are planned once a connection, not each time: for a program whose statements are few, touch few
   * rows each, and name their columns (`SELECT *` would fail when a migration adds one).
   */
  prepare?: boolean;
  onError?: (error: Error) => void;
}

/**
 * A plan that was made while a table had few rows is kept while it grows: it must not go through the whole table. It is the
 * one for any values: left to itself Postgres plans statements over many tables anew each time they come with few ids.
 */
const byIndexes =
  '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c plan_cache_mode=force_generic_plan';

/** A pool whose idle connections may die without ending the process; the next query gets a new one. */
export function createPool(options: PoolOptions): Pool {
  const statementTimeoutMs = options.statementTimeoutMs ?? 10_000;
  const pool = new pg.Pool({
    Client: ExplainingClient,
    connectionString: options.url,
    application_name: options.applicationName,
    max: options.max ?? 8,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 3_000,
    statement_timeout: statementTimeoutMs,
    // The server's own time-out does not end the wait for a server that is frozen or cut off. It counts from when a statement
    // is sent, what was sent before it included.
    query_timeout: 2 * statementTimeoutMs,
    idle_in_transaction_session_timeout: 15_000,
    keepAlive: true,
    // What does not need the answer before it goes out behind it.
    pipeline: true,
    // Who takes no answer, as a frozen process, keeps a clinic's lock no longer: no time-out counts while the server sends.
    ...(options.prepare ? { options: `${byIndexes} -c tcp_user_timeout=15s` } : {}),
  });
  pool.on('error', (error) => options.onError?.(error));
  // A connection that breaks between two queries of a transaction tells nobody else, and unheard it ends the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  if (options.prepare) {
    const names = new Map<string, string>();
    pool.on('connect', (client) => prepareStatements(client, names));
  }
  return pool;
}

/** Names each statement that comes as text and values: what has a name, the driver parses once a connection. */
function prepareStatements(client: Client, names: Map<string, string>): void {
  const query = client.query;
  const prepared = (...[text, values, ...rest]: unknown[]): unknown => {
    if (typeof text !== 'string' || !Array.isArray(values))
      return Reflect.apply(query, client, [text, values, ...rest]);
    const name = names.get(text) ?? `statement_${names.size}`;
    names.set(text, name);
    return Reflect.apply(query, client, [{ name, text, values }, ...rest]);
  };
  Object.defineProperty(client, 'query', { value: prepared, configurable: true, writable: true });
}

/**
 * Runs `work` in one transaction for one tenant: row-level security sees that tenant's rows alone. Commits when it
 * returns, rolls back when it throws.
 * @param signal as {@link inTransaction}
 */
export async function withTenant<T>(
  pool: Pool,
  tenantId: string,
  work: (client: Client) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  return inTransaction(
    pool,
    async (client) => {
      await sendAhead(client, `SELECT set_config('app.tenant_id', $1, true)`, [tenantId]);
      return work(client);
    },
    signal,
  );
}

/**
 * Runs `work` in one transaction. A connection that failed is thrown away, not given back.
 * @param signal ends the transaction at once, whatever it waits for: nothing is done unless it was being committed
 * @throws the signal's reason when it ended it
 */
export async function inTransaction<T>(
  pool: Pool,
  work: (client: Client) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const client = await connect(pool);
  let broken: Error | undefined;
  const ahead: Promise<unknown>[] = [];
  let abandoned: Abandoning | undefined;
  const leave = () => {
    abandoned = abandon(client, ahead[0]);
  };
  sentAhead.set(client, ahead);
  try {
    signal?.throwIfAborted();
    signal?.addEventListener('abort', leave);
    await sendAhead(client, 'BEGIN');
    const result = await work(client);
    await allAnswered(client);
    signal?.throwIfAborted();
    signal?.removeEventListener('abort', leave);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    signal?.removeEventListener('abort', leave);
    const cause = causeOf([...(await Promise.allSettled(ahead)).flatMap(reasonOf), error]);
    // Whoever comes next on this connection must not be ended for it.
    if (abandoned && !(await abandoned.told)) broken = new Error('the transaction may be ended late');
    try {
      await client.query('ROLLBACK');
    } catch (rollbackError) {
      broken = rollbackError instanceof Error ? rollbackError : new Error('rollback failed');
    }
    throw abandoned ? signal?.reason : cause;
  } finally {
    sentAhead.delete(client);
    abandoned?.over();
    client.release(broken);
  }
}

/** What open transactions have sent and not waited for. */
const sentAhead = new WeakMap<Queryable, Promise<unknown>[]>();

/**
 * Sends a statement of which nobody needs the answer: inside {@link inTransaction} whatever comes next goes out behind it at
 * once. When it fails, the transaction does, by its error.
 */
async function sendAhead(client: Queryable, text: string, values?: unknown[]): Promise<void> {
  const answer = client.query(text, values);
  const ahead = sentAhead.get(client);
  if (!ahead) {
    await answer;
    return;
  }
  answer.catch(() => undefined);
  ahead.push(answer);
}

/**
 * Answers of statements that do not need each other's: written beside each other, they go out without waiting. Ends when all
 * have ended, so that nothing is sent behind the end of their transaction.
 * @throws what the first of them to fail threw
 */
export async function together<T extends readonly unknown[]>(
  ...work: { readonly [K in keyof T]: Promise<T[K]> }
): Promise<T>;
export async function together(...work: readonly Promise<unknown>[]): Promise<readonly unknown[]> {
  const ended = await Promise.allSettled(work);
  const failed = ended.flatMap(reasonOf);
  if (failed.length > 0) throw causeOf(failed);
  return ended.map((one) => (one.status === 'fulfilled' ? one.value : undefined));
}

/** Waits for the answers of all that was sent ahead: from then on the transaction holds the lock that it asked for. */
export async function allAnswered(client: Queryable): Promise<void> {
  await Promise.all(sentAhead.get(client) ?? []);
}

const reasonOf = (one: PromiseSettledResult<unknown>) => (one.status === 'rejected' ? [one.reason] : []);

/** What went wrong, of what several statements of a transaction threw, in their order. */
function causeOf(reasons: readonly unknown[]): unknown {
  return reasons.find((reason) => !followUps.has(sqlStateOf(reason) ?? '')) ?? reasons[0];
}

/** What is said of a statement behind one that failed: that the transaction had, or that it was never prepared. */
const followUps = new Set(['25P02', '26000']);

/**
 * Takes the tenant's write lock until the transaction ends: a tenant's writes are serial, so that patients found or
 * made, bookings and merges cannot race. Every writer of facts takes it first. What is sent next is done under it; inside a
 * transaction of {@link inTransaction} this returns before the lock is there.
 */
export async function lockTenant(client: Queryable, tenantId: string): Promise<void> {
  await sendAhead(client, 'SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [tenantId]);
}

async function connect(pool: Pool): Promise<Client> {
  try {
    return await pool.connect();
  } catch (cause) {
    throw postgresUnavailable(cause);
  }
}
