import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** An opaque handle to one engine connection. */
export type NativeConnection = unknown;

/** What a statement gave back; `rowsRead` counts the rows of the result. */
export interface NativeResult {
  readonly bytes: Uint8Array;
  readonly elapsed: number;
  readonly rowsRead: number;
  readonly bytesRead: number;
}

/** What a write gave back; rows and bytes count every table and view written to. */
export interface NativeWrite {
  readonly elapsed: number;
  readonly rowsWritten: number;
  readonly bytesWritten: number;
}

/** The engine's own reading of a text: how many statements, and of what class. */
export interface NativeAnalysis {
  readonly statementCount: number;
  readonly queryClass: number;
}

/** Class of statements that only read, as chdb numbers it. */
export const READ_ONLY = 0;

/** The calls of chdb's addon that are used here; none takes a query's id. The asynchronous ones run on libuv's threads. */
export interface Native {
  CreateConnection(path: string, args: readonly string[]): NativeConnection;
  CloseConnection(connection: NativeConnection): void;
  QueryAsyncConnection(connection: NativeConnection, sql: string, format: string): Promise<NativeResult>;
  /** Blocks until it has run. Afterwards the connection has no parameters, neither these nor those of earlier `SET param_…`. */
  QueryWithParamsConnection(
    connection: NativeConnection,
    sql: string,
    format: string,
    parameters: Readonly<Record<string, string>>,
  ): string;
  InsertRawAsyncConnection(
    connection: NativeConnection,
    prefix: string,
    data: Uint8Array,
    countLines: boolean,
  ): Promise<NativeWrite>;
  DurableClassifyAsync(connection: NativeConnection, sql: string, database: string): Promise<NativeAnalysis>;
}

const CALLS = [
  'CreateConnection',
  'CloseConnection',
  'QueryAsyncConnection',
  'QueryWithParamsConnection',
  'InsertRawAsyncConnection',
  'DurableClassifyAsync',
] as const;

/**
 * Loads chdb's addon itself. Its `Session` isn't used because closing one waits for every other session's
 * statements, which would keep a connection per request open beside one long query.
 *
 * @throws when the installed chdb has no addon for this platform or lacks one of the calls.
 */
export function loadNative(): Native {
  const require = createRequire(import.meta.url);
  const loader: unknown = require(join(dirname(require.resolve('chdb/package.json')), 'dist', 'loader.js'));
  const native = hasLoader(loader) ? loader.loadNative() : undefined;
  if (!isNative(native)) throw new Error('the installed chdb addon lacks calls that this server needs');
  return native;
}

function hasLoader(value: unknown): value is { loadNative(): unknown } {
  return typeof value === 'object' && value !== null && 'loadNative' in value;
}

function isNative(value: unknown): value is Native {
  if (typeof value !== 'object' || value === null) return false;
  const calls = new Map(Object.entries(value));
  return CALLS.every((name) => typeof calls.get(name) === 'function');
}
