import { isTransient } from './sql-state.ts';

/**
 * Why Postgres is away, in a word for the log: SQLSTATE, Node's code, or the driver's own words, of which none has a value in
 * it. Of an error with causes the innermost that tells; undefined of any other error.
 */
export function whyAway(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const inner = whyAway(error.cause);
  if (inner !== undefined || !isTransient(error)) return inner;
  const code: unknown = Reflect.get(error, 'code');
  return typeof code === 'string' ? code : error.message;
}
