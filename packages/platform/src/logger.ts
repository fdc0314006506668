import pino, { type Logger as PinoLogger } from 'pino';
import { describeError } from './errors.ts';

export type Logger = PinoLogger;

export interface LoggerOptions {
  service: string;
  level?: string;
}

/**
 * JSON lines on stdout. An `err` or `error` field is reduced by {@link describeError}, so that no driver's text,
 * which carries values, reaches the log.
 */
export function createLogger({ service, level = 'info' }: LoggerOptions): Logger {
  return pino({
    level,
    base: { service, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: (error) => describeError(error), error: (error) => describeError(error) },
  });
}
