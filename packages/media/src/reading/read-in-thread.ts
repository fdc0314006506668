import { Worker } from 'node:worker_threads';
import { SwitchboardError } from '@switchboard/platform';
import type { FromThread, ThreadInput } from './messages.ts';
import type { Reading } from './read-file.ts';

export interface ReadInThreadOptions {
  /** How long all of it may take, ms. */
  timeoutMs: number;
  /** Module that runs in the thread; ours unless told. */
  threadUrl?: URL;
  /** Gives it up at once. */
  signal?: AbortSignal;
}

const ownThread = new URL('./reading-thread.ts', import.meta.url);
const maxHeapMb = 256;

/**
 * Reads a file in a thread of its own, which is ended when it takes too long.
 * @throws SwitchboardError `file_unreadable` for what the file is to blame for; what reading its bytes throws as it is
 */
export async function readInThread(
  type: string,
  body: AsyncIterable<Uint8Array>,
  { timeoutMs, threadUrl = ownThread, signal }: ReadInThreadOptions,
): Promise<Reading> {
  const thread = new Worker(threadUrl, {
    workerData: { type } satisfies ThreadInput,
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
    stdin: false,
    // Decoders say there what they think of a file.
    stdout: true,
    stderr: true,
  });
  const source = body[Symbol.asyncIterator]();
  let limit: NodeJS.Timeout | undefined;
  let giveUp = () => {};
  try {
    return await new Promise<Reading>((resolve, reject) => {
      giveUp = () => reject(unreadable('given_up'));
      if (signal?.aborted) giveUp();
      signal?.addEventListener('abort', giveUp);
      limit = setTimeout(() => reject(unreadable('timeout')), timeoutMs);
      thread.on('error', () => reject(unreadable('thread_broke')));
      thread.on('exit', () => reject(unreadable('thread_ended')));
      thread.on('message', (message: FromThread) => {
        if (message === 'more')
          source.next().then(({ done, value }) => thread.postMessage(done ? null : value), reject);
        else if ('reading' in message) resolve(message.reading);
        else reject(unreadable(message.failure));
      });
    });
  } finally {
    clearTimeout(limit);
    signal?.removeEventListener('abort', giveUp);
    await thread.terminate();
    // One that waits for bytes ends when they come; nobody waits for it.
    source.return?.()?.catch(() => undefined);
  }
}

function unreadable(why: string): SwitchboardError {
  return new SwitchboardError('file_unreadable', `nothing can be made of a file: ${why}`);
}
