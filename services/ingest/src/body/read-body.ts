import type { IncomingMessage } from 'node:http';
import type { Held } from '../admission/in-flight.ts';

export type BodyResult =
  | { ok: true; body: Buffer }
  | { ok: false; reason: 'too_large' | 'no_room' | 'aborted' };

export interface ReadBodyOptions {
  /** Largest body, bytes. */
  limit: number;
  held: Held;
}

/** How much of a body that is not wanted is still taken in, so that its sender reads our answer and no broken pipe. */
const drainBytes = 32 * 1024 * 1024;

/**
 * The raw bytes of a body, as sent. What is over the limit, or finds no room, is read on and thrown away: a connection
 * closed while its client writes would lose the answer.
 */
export function readBody(request: IncomingMessage, { limit, held }: ReadBodyOptions): Promise<BodyResult> {
  return new Promise((resolve) => {
    let chunks: Buffer[] = [];
    let length = 0;
    let refused: 'too_large' | 'no_room' | undefined;

    const finish = (result: BodyResult) => {
      request.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone);
      resolve(result);
    };
    const letGo = () => {
      chunks = [];
      held.release();
    };
    const onData = (chunk: Buffer) => {
      length += chunk.length;
      if (!refused && length > limit) refused = 'too_large';
      if (!refused && !held.add(chunk.length)) refused = 'no_room';
      if (!refused) chunks.push(chunk);
      else if (chunks.length > 0) letGo();
      if (refused && length > drainBytes) finish({ ok: false, reason: refused });
    };
    const onEnd = () =>
      finish(refused ? { ok: false, reason: refused } : { ok: true, body: joined(chunks, length) });
    const onGone = () => finish({ ok: false, reason: 'aborted' });

    request.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone);
  });
}

function joined(chunks: readonly Buffer[], length: number): Buffer {
  const [only] = chunks;
  return chunks.length === 1 && only ? only : Buffer.concat(chunks, length);
}
