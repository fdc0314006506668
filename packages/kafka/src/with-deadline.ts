import { SwitchboardError } from '@switchboard/platform/errors';

/**
 * Settles as `work` does, or rejects after `ms`; the work itself goes on and its later end is ignored.
 * @throws SwitchboardError `timed_out` (retryable)
 */
export async function withDeadline<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(new SwitchboardError('timed_out', `${what} took longer than ${ms} ms`, { retryable: true })),
      ms,
    );
  });
  work.catch(() => {});
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
