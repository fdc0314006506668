import { setTimeout as sleep } from 'node:timers/promises';
import type { Demo } from '@switchboard/start';
import type { Ledger } from '@switchboard/testkit/ledger';
import { postWebhook } from '@switchboard/testkit/simulate/post-webhook';
import { createBounded } from './bounded.ts';
import type { Posting } from './plan-postings.ts';

/** As a vendor's senders are bounded too. */
const REQUESTS_AT_A_TIME = 40;

/**
 * Sets each posting out at its time, however slow the answers are, and tries it as vendors do. Notes in the ledger how
 * it went; resolves when the last one is accepted or given up.
 */
export async function postAll(
  demo: Pick<Demo, 'ingest' | 'webhook_secret'>,
  ledger: Ledger,
  postings: readonly Posting[],
): Promise<void> {
  const target = {
    url: `${demo.ingest}/api/v1/voice/webhook`,
    secret: demo.webhook_secret,
    begin: createBounded(REQUESTS_AT_A_TIME),
  };
  const begunAt = performance.now();
  const deliver = async ({ event, body }: Posting) =>
    ledger.note({ event, ...(await postWebhook(target, body)) });
  const deliveries: Promise<void>[] = [];
  for (const posting of postings) {
    const waitMs = begunAt + posting.atMs - performance.now();
    if (waitMs > 1) await sleep(waitMs);
    deliveries.push(deliver(posting));
  }
  await Promise.all(deliveries);
}
