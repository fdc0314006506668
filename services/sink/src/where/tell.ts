import { describeError } from '@switchboard/platform/errors';

/** What a place said, or why it said nothing. */
export type Told<T> = { said: T } | { silent: string };

/** @param deadline until when it may answer, Unix ms */
export async function tell<T>(work: Promise<T>, deadline: number): Promise<Told<T>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Told<T>>((resolve) => {
    timer = setTimeout(() => resolve({ silent: 'no answer in time' }), Math.max(0, deadline - Date.now()));
  });
  try {
    return await Promise.race([work.then((said) => ({ said })), late]);
  } catch (error) {
    const { code, message } = describeError(error);
    return { silent: message ?? code ?? 'not reachable' };
  } finally {
    clearTimeout(timer);
  }
}
