import { createHash } from 'node:crypto';

/** A body that passes through, and what is known of it when all of it has. */
export interface Measured {
  body: AsyncIterable<Uint8Array>;
  /** Bytes so far, and their SHA-256 in hex. */
  result(): { size: number; sha256: string };
}

export function measured(source: AsyncIterable<Uint8Array>): Measured {
  const hash = createHash('sha256');
  let size = 0;
  async function* body() {
    for await (const chunk of source) {
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  }
  return { body: body(), result: () => ({ size, sha256: hash.copy().digest('hex') }) };
}
