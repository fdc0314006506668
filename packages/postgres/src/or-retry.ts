import { SwitchboardError } from '@switchboard/platform';
import { isTransient } from './sql-state.ts';

/**
 * Says of an error of Postgres that passes that the work may come again; without that word a consumer would end the process.
 * @param what could not be done, in our words
 */
export async function orRetry<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SwitchboardError || !isTransient(error)) throw error;
    throw new SwitchboardError('postgres_unavailable', what, { retryable: true, cause: error });
  }
}
