import type { ClickHouse } from '@switchboard/clickhouse';
import type { BlockInserter } from '@switchboard/clickhouse/blocks/insert-block';
import type { Logger, OnStep } from '@switchboard/platform';
import type { DirectConnection } from '@switchboard/postgres/blocks/direct-connection';

/** Where a worker stands, in order. A test can stop it at each of them. */
export type Step =
  | 'locked'
  | 'moved'
  | 'inserting'
  | 'sending'
  | 'inserted'
  | 'checked'
  | 'finished'
  | 'prepare-doubted'
  | 'prepare-mended'
  | 'rebuild-created'
  | 'rebuild-cut'
  | 'rebuild-copied'
  | 'rebuild-caught-up'
  | 'rebuild-switched'
  | 'rebuild-published'
  | 'rebuild-dropped'
  | 'verify-cut'
  | 'verify-held'
  | 'verify-released'
  | 'verify-copied';

/** Follows events into blocks. */
export interface BlockTrace {
  /** Before a move: notes whose facts it will find. */
  moving(connection: DirectConnection, shard: number): Promise<void>;
  /** The block with these facts is in ClickHouse. */
  done(block: number): void;
}

/** What everything that works on blocks needs. */
export interface BlockWork {
  /** Holds the locks; all SQL on blocks goes over it, so that work ends with the lock. */
  connection: DirectConnection;
  clickhouse: ClickHouse;
  inserter: BlockInserter;
  logger: Logger;
  /** Awaited at each step. */
  onStep?: OnStep<Step>;
  /** Called with what an insert took. */
  onInsert?: (seconds: number, rows: number) => void;
  trace?: BlockTrace;
}

/** What verify and rebuild need besides: another session, that reads at the snapshot of a cut. */
export interface MaintenanceWork extends BlockWork {
  databaseUrl: string;
  /** Deduplication window of new tables; ClickHouse's package knows the usual one. */
  dedupWindow?: number;
  /** Once it comes no lock is waited for. */
  signal?: AbortSignal;
}
