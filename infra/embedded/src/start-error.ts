/** Why engines or services can't be started; each is an exit code of `npm start`. */
export type StartErrorCode =
  | 'already_running'
  | 'platform_unsupported'
  | 'java_unusable'
  | 'maven_unusable'
  | 'download_failed'
  | 'download_damaged'
  | 'port_taken'
  | 'disk_full'
  | 'disk_read_only'
  | 'process_died'
  | 'process_hung'
  | 'data_of_other_version'
  | 'crashed_too_often'
  | 'other_keys';

/** A start that failed for a known reason; the message says what to do about it. */
export class StartError extends Error {
  override name = 'StartError';
  readonly code: StartErrorCode;

  constructor(code: StartErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What a program or the system says of a disk that takes nothing more. */
export const NO_SPACE = /No space left on device|ENOSPC|Disk quota exceeded|EDQUOT/i;
const READ_ONLY = /Read-only file system|EROFS/i;

/**
 * An error that the disk is to blame for, as one that says so; any other one as it is.
 *
 * @param where a path on that disk.
 */
export function explainDisk(error: unknown, where: string): unknown {
  if (error instanceof StartError) return error;
  const text = error instanceof Error ? `${error.message} ${'stderr' in error ? error.stderr : ''}` : '';
  if (NO_SPACE.test(text)) return diskFull(where, error);
  const refused =
    error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM');
  if (READ_ONLY.test(text) || (refused && 'path' in error)) return diskReadOnly(where, error);
  return error;
}

export function diskFull(where: string, cause?: unknown): StartError {
  return new StartError('disk_full', `The disk of ${where} is full. Make room there, then start again.`, {
    cause,
  });
}

function diskReadOnly(where: string, cause?: unknown): StartError {
  return new StartError(
    'disk_read_only',
    `Nothing can be written to ${where}: the disk is mounted read-only, or this user may not. Make it writable, or run it from a clone elsewhere.`,
    { cause },
  );
}
