import type { Pool } from '@switchboard/postgres';
import type { DeadLettersConfig } from './command-config.ts';

/** What a command works with. */
export interface CommandWork {
  pool: Pool;
  config: DeadLettersConfig;
  print(line: string): void;
}
