import type { Reading } from './read-file.ts';

/** What the thread is started with. */
export interface ThreadInput {
  type: string;
}

/** To the thread: the next bytes, or null for the end; one for each `more`. */
export type ToThread = Uint8Array | null;

/** From the thread. */
export type FromThread = 'more' | { reading: Reading } | { failure: string };
