import type { ClickHouse } from '@switchboard/clickhouse';
import type { BlockInserter } from '@switchboard/clickhouse/blocks/insert-block';
import type { Logger } from '@switchboard/platform';
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

/** What everything that works on blocks needs. */
export interface BlockWork {
  /** Holds the locks; all SQL on blocks goes over it, so that work ends with the lock. */
  connection: DirectConnection;
  clickhouse: ClickHouse;
  inserter: BlockInserter;
  logger: Logger;
  /** Awaited at each step. */
  onStep?: (step: Step) => Promise<void> | void;
  /** Called with what an insert took. */
  onInsert?: (seconds: number, rows: number) => void;
}

/** What verify and rebuild need besides: another session, that reads at the snapshot of a cut. */
export interface MaintenanceWork extends BlockWork {
  databaseUrl: string;
  /** Deduplication window of new tables; ClickHouse's package knows the usual one. */
  dedupWindow?: number;
}
