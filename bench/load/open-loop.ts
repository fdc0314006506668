import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import type { SignedRequest } from './closed-loop.ts';
import type { LoadAnswer, LoadOrder } from './messages.ts';

/** Posts at a fixed rate however slow the answers are, so that a server that stalls shows in all that was due meanwhile. */
export async function runOpenLoop(
  { url, connections, perSecond, seconds }: LoadOrder,
  requests: readonly SignedRequest[],
): Promise<LoadAnswer> {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections, pipelining: 1 });
  const latencies: number[] = [];
  const statuses: Record<string, number> = {};
  const count = Math.round(perSecond * seconds);
  const startedAt = performance.now();
  const running: Promise<void>[] = [];
  for (let sent = 0; sent < count; ) {
    const due = Math.min(count, Math.floor(((performance.now() - startedAt) / 1_000) * perSecond) + 1);
    for (; sent < due; sent += 1) running.push(post(sent));
    await sleep(1);
  }
  await Promise.all(running);
  await pool.close();
  return { seconds: (performance.now() - startedAt) / 1_000, statuses, latencies };

  async function post(index: number): Promise<void> {
    const dueAt = startedAt + (index * 1_000) / perSecond;
    const request = requests[index % requests.length];
    let status = 0;
    try {
      const answer = await pool.request({ path: pathname, method: 'POST', ...request });
      await answer.body.dump();
      status = answer.statusCode;
      latencies.push(performance.now() - dueAt);
    } catch {
      // Counted as no answer.
    }
    statuses[status] = (statuses[status] ?? 0) + 1;
  }
}
