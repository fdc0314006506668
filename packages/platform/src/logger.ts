import pino, {
  type DestinationStream,
  type Logger as PinoLogger,
  type LoggerOptions as PinoOptions,
} from 'pino';
import { describeError } from './errors.ts';

export type Logger = PinoLogger;

export interface LoggerOptions {
  service: string;
  level?: string;
}

/**
 * JSON lines on stdout. An `err` or `error` field is reduced by {@link describeError}, so that no driver's text,
 * which carries values, reaches the log.
 * @param destination where the lines go instead
 */
export function createLogger(
  { service, level = 'info' }: LoggerOptions,
  destination?: DestinationStream,
): Logger {
  const options: PinoOptions = {
    level,
    base: { service, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: (error) => describeError(error), error: (error) => describeError(error) },
    errorKey: 'error',
    hooks: {
      // Of an error logged without words pino makes its message the line's, past the serializers.
      logMethod([first, ...rest], method) {
        const object = first instanceof Error ? { error: first } : first;
        const wordless =
          rest.length === 0 && typeof object === 'object' && object !== null && 'error' in object;
        method.apply(this, wordless ? [object, 'error'] : [object, ...rest]);
      },
    },
  };
  return destination ? pino(options, destination) : pino(options);
}
