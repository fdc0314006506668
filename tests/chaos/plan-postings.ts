import type { LedgerEvent } from '@switchboard/testkit/ledger';
import { createCallGenerator } from '@switchboard/testkit/simulate/call-generator';
import { createRandom } from '@switchboard/testkit/simulate/random';
import { wordsOf } from './words-of-event.ts';

/** One posting that a vendor sets out to make. */
export interface Posting {
  /** From the begin of the traffic, ms. */
  atMs: number;
  event: LedgerEvent;
  body: string;
}

export interface TrafficOptions {
  seed: number;
  calls: number;
  /** Calls that begin per second. */
  rate: number;
  /** Unix ms; no call ends later. */
  now: number;
}

/** The calls are of several days, whatever the rate at which they are told. */
const CALL_EVERY_MS = 120_000;

/**
 * Calls with several events each, posted within seconds: some late or out of order, some events again after a while,
 * some twice at once. A pure function of its options.
 */
export function planPostings({ seed, calls, rate, now }: TrafficOptions): Posting[] {
  const generator = createCallGenerator(seed, {
    startAt: now - calls * CALL_EVERY_MS,
    everyMs: CALL_EVERY_MS,
  });
  const random = createRandom(seed + 1);
  const postings: Posting[] = [];
  for (let index = 0; index < calls; index += 1) {
    let atMs = (index / rate) * 1000;
    for (const body of generator.next()) {
      const event = {
        id: body.event_id,
        callId: body.call.id,
        turns: body.transcript?.turns.length ?? 0,
        says: wordsOf(body),
      };
      const posting = { atMs, event, body: JSON.stringify(body) };
      postings.push(posting);
      if (random.chance(0.02)) postings.push(posting);
      if (random.chance(0.03)) postings.push({ ...posting, atMs: atMs + random.between(1_000, 10_000) });
      atMs += random.chance(0.05) ? random.between(2_000, 10_000) : random.between(0, 800);
    }
  }
  return postings.sort((a, b) => a.atMs - b.atMs);
}
