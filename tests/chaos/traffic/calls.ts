import { planPostings } from '../plan-postings.ts';
import { postAll } from '../vendor.ts';
import type { Asked, World, Writer } from './world.ts';

const callsPerSecond = 3;

/** A vendor of voice calls: each call's events, late, twice and out of order. */
export function writeCalls(world: World): Writer {
  const { running, ledger, seed, durationMs } = world;
  const asked: Asked[] = [];
  const rate = callsPerSecond * world.pace;
  return {
    name: 'calls',
    asked,
    run: () =>
      postAll(
        running.demo,
        ledger,
        planPostings({ seed, calls: Math.round((durationMs / 1_000) * rate), rate, now: Date.now() }),
        { onDelivered: (one) => asked.push(one), ended: world.ended },
      ),
    // Each call is held against the ledger when all is: it knows those of earlier runs too.
    check: async () => [],
    events: () => ledger.summary().accepted,
    notes: () => ({ calls: ledger.calls.size }),
  };
}
