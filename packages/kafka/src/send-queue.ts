/** A message with the promise of the one who waits for it. */
export interface Waiting<M> {
  readonly message: M;
  readonly bytes: number;
  /** Unix ms; after it nobody waits for the message any more. */
  readonly deadlineAt: number;
  readonly settled: boolean;
  settle(error?: Error): void;
}

/** What waits to be sent, oldest first, and how many bytes are held for it and for what is on its way. */
export interface SendQueue<M> {
  readonly bufferedBytes: number;
  readonly isEmpty: boolean;
  /** Settles by `settle`, or rejects with `lateError()` after `deadlineMs`. */
  add(message: M, bytes: number, deadlineMs: number, lateError: () => Error): Promise<void>;
  /** All that waits, up to `maxBytes`, but at least one. */
  take(maxBytes: number): Waiting<M>[];
  /** Puts what was taken back in front, in its order; what nobody waits for any more is let go. */
  putBack(taken: readonly Waiting<M>[]): void;
  /** Lets go of what was taken: its bytes count no longer. */
  release(taken: readonly Waiting<M>[]): void;
  failAll(error: Error): void;
}

export function createSendQueue<M>(): SendQueue<M> {
  const waiting: Waiting<M>[] = [];
  const taken = new Set<Waiting<M>>();
  let bufferedBytes = 0;

  function trim(): void {
    while (waiting[0]?.settled) waiting.shift();
  }

  return {
    get bufferedBytes() {
      return bufferedBytes;
    },
    get isEmpty() {
      trim();
      return waiting.length === 0;
    },
    add(message, bytes, deadlineMs, lateError) {
      return new Promise((resolve, reject) => {
        let settled = false;
        const entry: Waiting<M> = {
          message,
          bytes,
          deadlineAt: Date.now() + deadlineMs,
          get settled() {
            return settled;
          },
          settle(error) {
            if (settled) return;
            settled = true;
            clearTimeout(timer);
            if (!taken.has(entry)) bufferedBytes -= bytes;
            if (error) reject(error);
            else resolve();
          },
        };
        const timer = setTimeout(() => {
          entry.settle(lateError());
          trim();
        }, deadlineMs);
        bufferedBytes += bytes;
        waiting.push(entry);
      });
    },
    take(maxBytes) {
      const batch: Waiting<M>[] = [];
      let bytes = 0;
      for (let next = waiting[0]; next; next = waiting[0]) {
        if (!next.settled) {
          bytes += next.bytes;
          if (batch.length > 0 && bytes > maxBytes) break;
          batch.push(next);
          taken.add(next);
        }
        waiting.shift();
      }
      return batch;
    },
    putBack(batch) {
      for (const entry of batch) {
        taken.delete(entry);
        if (entry.settled) bufferedBytes -= entry.bytes;
      }
      waiting.unshift(...batch.filter(({ settled }) => !settled));
    },
    release(batch) {
      for (const entry of batch) if (taken.delete(entry)) bufferedBytes -= entry.bytes;
    },
    failAll(error) {
      for (const entry of waiting.splice(0)) entry.settle(error);
    },
  };
}
