/**
 * Whether an error says that Postgres is away or could not serve now (connection lost, shutdown, serialization,
 * deadlock, lock or statement time-out, out of resources): the same work will succeed later, and no event is to blame.
 */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code: unknown = Reflect.get(error, 'code');
  if (typeof code !== 'string') return lostConnection.has(error.message);
  if (transientCodes.has(code)) return true;
  return transientClasses.some((prefix) => code.startsWith(prefix));
}

/** Whether an error has a code of Postgres, SQLSTATE; codes of Node look alike (`EPIPE`) and have other first letters. */
export function isSqlState(error: unknown): boolean {
  return sqlStateOf(error) !== undefined;
}

/**
 * Whether Postgres refused the values that were written: cardinality (21), data (22), integrity (23), size (54). Every
 * other error of its own is about our SQL, our rights or its state, and no row is to blame.
 */
export function isRefusedRow(error: unknown): boolean {
  return refusedClasses.has(sqlStateOf(error)?.slice(0, 2) ?? '');
}

const refusedClasses = new Set(['21', '22', '23', '54']);

/** An error's code of Postgres. */
export function sqlStateOf(error: unknown): string | undefined {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' && /^(?:\d[0-9A-Z]|F0|HV|P0|XX)[0-9A-Z]{3}$/.test(code) ? code : undefined;
}

/** What the driver says when it lost the server; it gives these no code. */
const lostConnection = new Set([
  'Connection terminated',
  'Connection terminated unexpectedly',
  'Connection terminated due to connection timeout',
  'Client has encountered a connection error and is not queryable',
  'Client was closed and is not queryable',
  'Query read timeout',
  'timeout expired',
  'timeout exceeded when trying to connect',
]);

const transientCodes = new Set([
  '40001',
  '40P01',
  '55P03',
  '57014',
  '57P01',
  '57P02',
  '57P03',
  // Idle too long, in a transaction or outside, or the transaction took too long.
  '25P03',
  '25P04',
  '57P05',
  // Read-only: a standby, while another server takes over.
  '25006',
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'postgres_unavailable',
  'postgres_access_refused',
]);
// 08: connection, 53: out of disk, memory or connections, 58: the system (disk), F0: configuration file.
const transientClasses = ['08', '53', '58', 'F0'];
