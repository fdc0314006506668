import { setTimeout as sleep } from 'node:timers/promises';
import type { Posting } from './plan-postings.ts';
import type { Vendor } from './vendor.ts';

/** Sets each posting out at its time, however slow the answers are; resolves when the last one is accepted or given up. */
export async function postAll(vendor: Vendor, postings: readonly Posting[]): Promise<void> {
  const begunAt = performance.now();
  const under: Promise<void>[] = [];
  for (const { atMs, event, body } of postings) {
    const waitMs = begunAt + atMs - performance.now();
    if (waitMs > 1) await sleep(waitMs);
    under.push(vendor.deliver(event, body));
  }
  await Promise.all(under);
}
