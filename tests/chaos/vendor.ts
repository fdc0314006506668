import { setTimeout as sleep } from 'node:timers/promises';
import type { Demo } from '@switchboard/start';
import type { Ledger } from '@switchboard/testkit/ledger';
import { type PostResult, postWebhook } from '@switchboard/testkit/simulate/post-webhook';
import { createBounded } from './bounded.ts';
import type { Posting } from './plan-postings.ts';

/** As a vendor's senders are bounded too. */
const REQUESTS_AT_A_TIME = 40;
/** Vendors go on for hours; these for half an hour, in which ingest may be killed again and again. */
const TRIES_AT = [
  ...[0, 1, 4, 11, 24, 45, 75, 120],
  ...Array.from({ length: 28 }, (_, index) => 60 * (index + 3)),
].map((seconds) => seconds * 1_000);

export interface PostAllOptions {
  onDelivered?: (result: PostResult) => void;
  /** At this pace for three minutes, in the place of a vendor's. */
  triesEveryMs?: number;
  /** Nothing more is set out. */
  ended?: AbortSignal | undefined;
}

function evenly(everyMs: number): number[] {
  return Array.from({ length: Math.ceil(180_000 / everyMs) }, (_, index) => index * everyMs);
}

/**
 * Sets each posting out at its time, however slow the answers are, and tries it as vendors do. Notes in the ledger how
 * it went; resolves when the last one is accepted or given up.
 */
export async function postAll(
  demo: Pick<Demo, 'ingest' | 'webhook_secret'>,
  ledger: Ledger,
  postings: readonly Posting[],
  { onDelivered = () => undefined, triesEveryMs, ended }: PostAllOptions = {},
): Promise<void> {
  const target = {
    url: `${demo.ingest}/api/v1/voice/webhook`,
    secret: demo.webhook_secret,
    begin: createBounded(REQUESTS_AT_A_TIME),
    triesAt: triesEveryMs === undefined ? TRIES_AT : evenly(triesEveryMs),
  };
  const begunAt = performance.now();
  const deliver = async ({ event, body }: Posting) => {
    const result = await postWebhook(target, body);
    ledger.note({ event, ...result });
    onDelivered(result);
  };
  const deliveries: Promise<void>[] = [];
  for (const posting of postings) {
    const waitMs = begunAt + posting.atMs - performance.now();
    if (waitMs > 1) await sleep(waitMs);
    if (ended?.aborted) break;
    deliveries.push(deliver(posting));
  }
  await Promise.all(deliveries);
}
