export interface SwitchboardErrorOptions {
  /** Whether the same call may succeed later, unchanged. */
  retryable?: boolean;
  cause?: unknown;
}

/** An error with a stable `code`. Its message never carries a value of an event. */
export class SwitchboardError extends Error {
  readonly code: string;
  readonly retryable: boolean;

  constructor(code: string, message: string, options: SwitchboardErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = 'SwitchboardError';
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

/** What may be logged of an error: never the text of a driver, parser or codec, which carries the value it choked on. */
export interface ErrorDescription {
  name: string;
  code?: string;
  message?: string;
  constraint?: string;
  table?: string;
  column?: string;
  path?: string;
  retryable?: boolean;
  stack?: string[];
  cause?: ErrorDescription;
}

/**
 * Describes an error for the log without PHI: its own message only when it is one of ours, otherwise name, code,
 * constraint and the places in the code it came through.
 */
export function describeError(error: unknown, depth = 0): ErrorDescription {
  if (!(error instanceof Error)) return { name: typeof error };
  const own = error instanceof SwitchboardError;
  const description: ErrorDescription = { name: error.name };
  for (const field of ['code', 'constraint', 'table', 'column', 'path'] as const) {
    const value: unknown = Reflect.get(error, field);
    if (typeof value === 'string' || typeof value === 'number') description[field] = String(value);
  }
  if (own) {
    description.message = error.message;
    description.retryable = error.retryable;
  }
  description.stack = stackFrames(error);
  if (error.cause && depth < 3) description.cause = describeError(error.cause, depth + 1);
  return description;
}

/** The message stands in front of the frames; a line of it that looks like a frame must not pass for one. */
function stackFrames(error: Error): string[] {
  const stack = error.stack ?? '';
  const message = error.message === '' ? -1 : stack.indexOf(error.message);
  return (message < 0 ? stack : stack.slice(message + error.message.length))
    .split('\n')
    .filter((line) => /^\s+at .*(:\d+:\d+|<anonymous>|native)\)?$/.test(line))
    .slice(0, 6)
    .map((line) => line.trim());
}
