import { SwitchboardError } from '@switchboard/platform';
import { isTransient } from '@switchboard/postgres';

/** Says of an error of Postgres that the batch may come again; without that word the consumer would end the process. */
export async function orRetry(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof SwitchboardError || !isTransient(error)) throw error;
    throw new SwitchboardError('postgres_unavailable', 'Postgres could not serve the batch', {
      retryable: true,
      cause: error,
    });
  }
}

/** Such an error every event would meet: the process must end, and come again with what it needs. */
export function refused(cause: unknown): SwitchboardError {
  return new SwitchboardError('postgres_refused', 'Postgres refused what no event is to blame for', {
    retryable: false,
    cause,
  });
}

/** One at a time takes its time: whoever has the partition now goes on. */
export function takenAway(): SwitchboardError {
  return new SwitchboardError('partition_taken_away', 'the partition is another member’s now', {
    retryable: true,
  });
}
