import type { Demo } from '@switchboard/start';
import { signZoice } from '@switchboard/testkit/signing';
import { Pool } from 'undici';

/** Posts signed webhooks to a running system. */
export interface CallPoster {
  /** @returns the answer's status */
  tryPost(body: string): Promise<number>;
  /** @throws Error unless the answer is `202`: what is refused is not measured */
  post(body: string): Promise<void>;
  /** All of them, each connection its next one when the last is answered. */
  postAll(bodies: Iterable<string>): Promise<void>;
  close(): Promise<void>;
}

/** @param sender `slug` of another clinic than the demo's */
export function createCallPoster(
  { ingest, webhook_secret, slug }: Pick<Demo, 'ingest' | 'webhook_secret'> & { slug?: string },
  connections: number,
): CallPoster {
  const pool = new Pool(ingest, { connections, pipelining: 1 });
  const path = `/api/v1/voice/webhook${slug === undefined ? '' : `/${slug}`}`;

  async function tryPost(body: string): Promise<number> {
    const headers = { ...signZoice(webhook_secret, body, Math.floor(Date.now() / 1_000)) };
    const answer = await pool.request({ path, method: 'POST', headers, body });
    await answer.body.dump();
    return answer.statusCode;
  }

  async function post(body: string): Promise<void> {
    const status = await tryPost(body);
    if (status !== 202) throw new Error(`ingest answered ${status}`);
  }

  return {
    tryPost,
    post,
    async postAll(bodies) {
      const left = bodies[Symbol.iterator]();
      const work = async () => {
        for (let next = left.next(); !next.done; next = left.next()) await post(next.value);
      };
      await Promise.all(Array.from({ length: connections }, work));
    },
    close: () => pool.close(),
  };
}
