import { setTimeout } from 'node:timers/promises';
import { exception } from './exception.ts';

/** How long it takes at most until a statement that was missed is found. */
const AGAIN_MS = 250;

/**
 * Runs a statement that the signal stops. It is cancelled again and again until it has ended: the engine lists it only some
 * time after it was handed over, and cancelling may fail. No cancel outlives it, to hit what its session runs next.
 *
 * @param cancel stops the statement if the engine lists it
 * @throws ClickHouseException 394 when it was stopped before it began
 */
export async function stoppable<T>(
  signal: AbortSignal,
  cancel: () => Promise<void>,
  statement: () => Promise<T>,
): Promise<T> {
  if (signal.aborted) throw exception(394, 'QUERY_WAS_CANCELLED', 'The query was cancelled');
  const ended = new AbortController();
  let cancelling: Promise<void> | undefined;
  const stop = () => {
    cancelling = cancelUntil(ended.signal, cancel);
  };
  signal.addEventListener('abort', stop);
  try {
    return await statement();
  } finally {
    signal.removeEventListener('abort', stop);
    ended.abort();
    await cancelling;
  }
}

async function cancelUntil(ended: AbortSignal, cancel: () => Promise<void>): Promise<void> {
  while (!ended.aborted) {
    await cancel().catch(() => undefined);
    await setTimeout(AGAIN_MS, undefined, { signal: ended }).catch(() => undefined);
  }
}
