import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { ClickHouseLogLevel, type ClickHouseSettings, createClient } from '@clickhouse/client';
import { toClickHouseError } from './errors.ts';
import { type Ask, missingDatabaseSql } from './migrate/cluster.ts';
import { createRequestWatch } from './request-watch.ts';

export interface ClickHouseOptions {
  url: string;
  user?: string;
  password?: string;
  database: string;
  /** Whose replicas hold the database: its tables are then replicated ones. One server unless given. */
  cluster?: string;
  /** Path of the authorities (PEM) that signed its certificate, in the place of the well-known ones. */
  caFile?: string;
  /** Named in ClickHouse's own logs. */
  applicationName?: string;
  /** Longest time of one request, milliseconds. */
  requestTimeoutMs?: number;
  /** ClickHouse ends a statement that takes longer, so that none goes on for a client that has given up. Seconds. */
  maxExecutionSeconds?: number;
  /**
   * What has no answer for so long is looked for among what ClickHouse runs, on another connection, and again as often. When it is
   * not there, three times, the connection is half open, and the request is given up. Milliseconds; never unless given, nor in a
   * cluster.
   */
  watchMs?: number;
}

export type Settings = ClickHouseSettings;

/** A connection pool to one ClickHouse database. Every method throws what {@link toClickHouseError} makes. */
export interface ClickHouse {
  readonly database: string;
  readonly cluster: string | undefined;
  /** Rows of a SELECT. 64-bit integers come as strings unless asked otherwise. `{name:Type}` takes `params`. */
  query<T>(sql: string, params?: Record<string, unknown>, settings?: Settings): Promise<T[]>;
  /** A statement without rows. */
  command(sql: string, params?: Record<string, unknown>, settings?: Settings): Promise<void>;
  /** Sends `body` as it is, as the data of an `INSERT … FORMAT …`. */
  insertBytes(sql: string, body: string, settings: Settings): Promise<void>;
  /** Makes the database, unless it is there; no other call works without it. */
  createDatabase(): Promise<void>;
  /** Whether it answers. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** A replica that is away makes up for statements when it is back; nobody waits for it. (The client's types lack this value.) */
const ofCluster: Settings = Object.fromEntries([['distributed_ddl_output_mode', 'throw_only_active']]);

/** Opens nothing yet: connections are made when they are needed. */
export function createClickHouse(options: ClickHouseOptions): ClickHouse {
  const { database, cluster } = options;
  const connect = (database: string) =>
    createClient({
      url: options.url,
      username: options.user ?? 'default',
      password: options.password ?? '',
      database,
      application: options.applicationName ?? 'switchboard',
      tls: options.caFile === undefined ? undefined : { ca_cert: readFileSync(options.caFile) },
      request_timeout: options.requestTimeoutMs ?? 60_000,
      compression: { request: false, response: false },
      clickhouse_settings: {
        max_execution_time: options.maxExecutionSeconds,
        ...(cluster === undefined ? {} : ofCluster),
      },
      // Our own errors are logged, without what they carry.
      log: { level: ClickHouseLogLevel.OFF },
    });
  const client = connect(database);
  // In a cluster another replica may be asked than works on it.
  const watch =
    options.watchMs === undefined || cluster !== undefined
      ? undefined
      : createRequestWatch(client, options.watchMs);
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw toClickHouseError(error);
    }
  };
  /** What a statement goes out with, and is looked after by. */
  const watched = <T>(
    settings: Settings | undefined,
    work: (sent: { clickhouse_settings: Settings; abort_signal: AbortSignal | undefined }) => Promise<T>,
  ): Promise<T> =>
    guarded(async () => {
      const request = watch?.();
      try {
        return await work({
          clickhouse_settings: { ...settings, ...request?.settings },
          abort_signal: request?.signal,
        });
      } finally {
        request?.end();
      }
    });
  return {
    database,
    cluster,
    query: (sql, params, settings) =>
      watched(settings, async (sent) => {
        const result = await client.query({
          query: sql,
          query_params: params,
          format: 'JSONEachRow',
          ...sent,
        });
        return result.json();
      }),
    command: (sql, params, settings) =>
      watched(settings, async (sent) => {
        await client.command({ query: sql, query_params: params, ...sent });
      }),
    insertBytes: (sql, body, settings) =>
      watched(settings, async (sent) => {
        const values = Readable.from([Buffer.from(body)], { objectMode: false });
        const { stream } = await client.exec({ query: sql, values, ...sent });
        await stream.resume().toArray();
      }),
    createDatabase: () =>
      guarded(async () => {
        // From within another database: a session of one that is not there can't begin.
        const outside = connect('default');
        try {
          const ask: Ask = async (query, query_params) =>
            (await outside.query({ query, query_params, format: 'JSONEachRow' })).json();
          const query = await missingDatabaseSql(ask, database, cluster);
          if (query !== undefined) await outside.command({ query });
        } finally {
          await outside.close();
        }
      }),
    check: () =>
      guarded(async () => {
        const answer = await client.ping();
        if (!answer.success) throw answer.error;
      }),
    close: () => client.close(),
  };
}
