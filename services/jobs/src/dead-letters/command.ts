import type { Pool } from '@switchboard/postgres';
import type { DeadLettersConfig } from './command-config.ts';
import type { FilterOptions } from './command-filter.ts';

export interface CommandOptions extends FilterOptions {
  /** Those that were put back before, too. */
  again: boolean;
  json: boolean;
  /** Why they are given up. */
  reason?: string;
  limit: string;
  /** Seconds. */
  wait: string;
}

export interface CommandWork {
  pool: Pool;
  config: DeadLettersConfig;
  print(line: string): void;
}

/** @returns the exit code @throws SwitchboardError `usage`, `tenant_unknown`, `dead_letter_unknown` */
export type Command = (work: CommandWork, options: CommandOptions) => Promise<number>;
