import type { Pool } from '@switchboard/postgres';
import type { AwaitRead } from './await-read.ts';
import type { DeadLettersConfig } from './command-config.ts';

/** What a command works with. */
export interface CommandWork {
  pool: Pool;
  config: DeadLettersConfig;
  /** Undefined: nobody said where Kafka is. */
  awaitRead: AwaitRead | undefined;
  print(line: string): void;
}
