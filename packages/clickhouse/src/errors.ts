import { ClickHouseError } from '@clickhouse/client';
import { SwitchboardError } from '@switchboard/platform';

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

/** ClickHouse said no; `type` is its name for the reason, e.g. `UNKNOWN_TABLE`. */
export class ClickHouseRefusal extends SwitchboardError {
  readonly type: string;
  /** ClickHouse's number for the reason. */
  readonly number: string;

  constructor(cause: ClickHouseError) {
    super('clickhouse_refused', `ClickHouse refused: ${cause.type ?? 'unknown reason'} (${cause.code})`, {
      retryable: passing.has(cause.code),
      cause,
    });
    this.type = cause.type ?? '';
    this.number = cause.code;
  }
}

/**
 * Whatever a ClickHouse call threw, as one of ours: `clickhouse_refused` when the engine answered, else
 * `clickhouse_unavailable` (retryable): nothing is known of what it did.
 */
export function toClickHouseError(error: unknown): SwitchboardError {
  if (error instanceof SwitchboardError) return error;
  if (error instanceof ClickHouseError) return new ClickHouseRefusal(error);
  return new SwitchboardError('clickhouse_unavailable', 'ClickHouse cannot be reached', {
    retryable: true,
    cause: error,
  });
}
