import type { Demo } from '@switchboard/start';
import { signZoice } from '@switchboard/testkit/signing';
import { Pool } from 'undici';

/** Posts signed webhooks to a running system. */
export interface CallPoster {
  /** @throws Error unless the answer is `202`: what is refused is not measured */
  post(body: string): Promise<void>;
  /** All of them, each connection its next one when the last is answered. */
  postAll(bodies: Iterable<string>): Promise<void>;
  close(): Promise<void>;
}

export function createCallPoster({ ingest, webhook_secret }: Demo, connections: number): CallPoster {
  const pool = new Pool(ingest, { connections, pipelining: 1 });

  async function post(body: string): Promise<void> {
    const headers = { ...signZoice(webhook_secret, body, Math.floor(Date.now() / 1_000)) };
    const answer = await pool.request({ path: '/api/v1/voice/webhook', method: 'POST', headers, body });
    await answer.body.dump();
    if (answer.statusCode !== 202) throw new Error(`ingest answered ${answer.statusCode}`);
  }

  return {
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
