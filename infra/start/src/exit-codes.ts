import { StartError, type StartErrorCode } from '@switchboard/embedded';
import { SwitchboardError } from '@switchboard/platform';

/** What a script can tell a failed start by; `docs/operations.md` explains each. */
const EXIT_CODES: Readonly<Record<StartErrorCode, number>> = {
  already_running: 10,
  platform_unsupported: 11,
  java_unusable: 12,
  maven_unusable: 13,
  download_failed: 14,
  download_damaged: 15,
  port_taken: 16,
  disk_full: 17,
  disk_read_only: 18,
  process_died: 19,
  process_hung: 20,
  data_of_other_version: 21,
  crashed_too_often: 22,
  other_keys: 23,
};

/** The command line was not understood. */
const USAGE = 64;
/** A setting is wrong, as with every service. */
const SETTINGS = 78;

/** A command line that asks for what can't be. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** The exit code that tells why a start failed; 1 for what has no code of its own. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof StartError) return EXIT_CODES[error.code];
  if (error instanceof SwitchboardError && error.code === 'config_invalid') return SETTINGS;
  const unknownOption =
    error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  return error instanceof UsageError || unknownOption ? USAGE : 1;
}
