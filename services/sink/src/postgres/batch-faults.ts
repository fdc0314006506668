import { SwitchboardError } from '@switchboard/platform';

/** Such an error every event would meet: the process must end, and come again with what it needs. */
export function refused(cause: unknown): SwitchboardError {
  return new SwitchboardError('postgres_refused', 'Postgres refused what no event is to blame for', {
    retryable: false,
    cause,
  });
}
