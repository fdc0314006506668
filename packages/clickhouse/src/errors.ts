import { ClickHouseError } from '@clickhouse/client';
import { SwitchboardError } from '@switchboard/platform/errors';
import { explainTlsFault } from '@switchboard/platform/tls-faults';

/**
 * Codes after which the same statement may work later: time-outs, limits, too many parts, network, shutdown, memory,
 * aborted. Every other answer of the engine is about the statement itself.
 */
const passing = new Set([
  '159',
  '160',
  '202',
  '203',
  '209',
  '210',
  '236',
  '241',
  '242',
  '252',
  '279',
  '394',
  '999',
]);

/** Names that are not there: of a table, of a database. */
const missing = new Set(['60', '81']);

/** ClickHouse said no; `type` is its name for the reason, e.g. `UNKNOWN_TABLE`. */
export class ClickHouseRefusal extends SwitchboardError {
  readonly type: string;
  /** ClickHouse's number for the reason. */
  readonly number: string;
  /** A table or the database is not there: what ClickHouse holds must be prepared anew. */
  readonly isMissing: boolean;

  constructor(cause: ClickHouseError) {
    const setting = settingOf(cause.code);
    const reason = `ClickHouse refused: ${cause.type ?? 'unknown reason'} (${cause.code})`;
    super('clickhouse_refused', setting ? `${reason}: check ${setting}` : reason, {
      retryable: passing.has(cause.code),
      cause,
    });
    this.type = cause.type ?? '';
    this.number = cause.code;
    this.isMissing = missing.has(cause.code);
  }
}

/**
 * Whatever a ClickHouse call threw, as one of ours: `clickhouse_refused` when the engine answered, else
 * `clickhouse_unavailable`, or `clickhouse_access_refused` when TLS fails by a setting (both retryable): nothing is
 * known of what it did.
 */
export function toClickHouseError(error: unknown): SwitchboardError {
  if (error instanceof SwitchboardError) return error;
  if (error instanceof ClickHouseError) return new ClickHouseRefusal(error);
  const tls = explainTlsFault(error, {
    authorities: 'CLICKHOUSE_CA',
    address: 'CLICKHOUSE_URL',
    tls: 'http: or https: in CLICKHOUSE_URL',
  });
  const why = { retryable: true, cause: error };
  return tls === undefined
    ? new SwitchboardError('clickhouse_unavailable', 'ClickHouse cannot be reached', why)
    : new SwitchboardError('clickhouse_access_refused', `ClickHouse is not reached over TLS: ${tls}`, why);
}

/** What decides over being let in; it names no value. */
function settingOf(code: string): string | undefined {
  if (code === '516' || code === '192' || code === '193') return 'CLICKHOUSE_USER and CLICKHOUSE_PASSWORD';
  return code === '81' ? 'CLICKHOUSE_DATABASE' : undefined;
}
