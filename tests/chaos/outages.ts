import { setTimeout as sleep } from 'node:timers/promises';
import type { Switchboard } from '@switchboard/start';
import type { Ledger } from '@switchboard/testkit/ledger';
import { signZoice } from '@switchboard/testkit/signing';
import { type Posting, planPostings } from './plan-postings.ts';
import { postAll } from './vendor.ts';

/** What a webhook, or the question for its health, was answered. */
export interface Answer {
  status: number;
  retryAfter: string | null;
  ms: number;
}

export interface KafkaOutage {
  /** While it was away. */
  health: Answer;
  webhooks: Answer[];
  /** From its start until webhooks could be taken again, ms. */
  backAfterMs: number;
}

const PATH = '/api/v1/voice/webhook';

/** Stops Kafka, posts webhooks, starts it again, and posts them once more as a vendor does. */
export async function stopKafka(running: Switchboard, ledger: Ledger, seed: number): Promise<KafkaOutage> {
  const { demo } = running;
  const postings = planPostings({ seed, calls: 3, rate: 1_000, now: Date.now() });
  await running.hold('kafka');
  const health = await untilHealth(running, 503);
  const webhooks: Answer[] = [];
  for (const posting of postings) webhooks.push(await postOnce(running, posting));
  await running.release('kafka');
  const releasedAt = performance.now();
  await untilHealth(running, 200);
  const backAfterMs = performance.now() - releasedAt;
  await postAll(demo, ledger, postings);
  return { health, webhooks, backAfterMs };
}

/** Stops Postgres for so long, posts calls all the while, and starts it again. */
export async function stopPostgres(
  running: Switchboard,
  ledger: Ledger,
  { seed, forMs }: { seed: number; forMs: number },
): Promise<void> {
  const rate = 5;
  const calls = Math.floor((forMs / 1_000) * rate);
  await running.hold('postgres');
  const posting = postAll(
    running.demo,
    ledger,
    planPostings({ seed, calls, rate, now: Date.now() }).map((one) => ({
      ...one,
      atMs: Math.min(one.atMs, forMs - 1_000),
    })),
  );
  await Promise.all([posting, sleep(forMs)]);
  await running.release('postgres');
}

async function untilHealth(running: Switchboard, status: number): Promise<Answer> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const answer = await ask(`${running.demo.ingest}${PATH}/health`);
    if (answer.status === status) return answer;
    if (Date.now() > deadline) throw new Error(`health is ${answer.status}, not ${status}`);
    await sleep(50);
  }
}

function postOnce({ demo }: Switchboard, { body }: Posting): Promise<Answer> {
  const headers = signZoice(demo.webhook_secret, body, Math.floor(Date.now() / 1_000));
  return ask(`${demo.ingest}${PATH}`, { method: 'POST', headers, body });
}

async function ask(url: string, init?: RequestInit): Promise<Answer> {
  const startedAt = performance.now();
  const response = await fetch(url, init);
  await response.arrayBuffer();
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    ms: performance.now() - startedAt,
  };
}
