import type { Readable } from 'node:stream';

/** First and last byte, both included. */
export interface ByteRange {
  start: number;
  end: number;
}

/**
 * Where sealed files lie: a directory or a bucket. Keys are `a-z`, `0-9`, `-` and `/`.
 * What fails because the store is away is a SwitchboardError `object_store_unavailable`, retryable.
 */
export interface ObjectStore {
  /** Writes an object of any length, whole or not at all; what stood there before is replaced. */
  put(key: string, body: AsyncIterable<Uint8Array>): Promise<void>;
  /** @throws SwitchboardError `object_missing` before the first byte */
  get(key: string, range?: ByteRange): Promise<Readable>;
  exists(key: string): Promise<boolean>;
  /** Removes an object, and what a writer left of it that died. One that isn't there is no error. */
  delete(key: string): Promise<void>;
  close(): void;
}
