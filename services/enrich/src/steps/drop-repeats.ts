import type { Decoded } from '../events.ts';
import { drop, ok, type Step } from '../pipeline/results.ts';

/** Keeps the first of equal events in a batch. The sink ends all repeats; this spares the work for the near ones. */
export function createDropRepeatsStep<E extends { event_id: string }>(): Step<Decoded<E>, Decoded<E>> {
  return async function dropRepeats(decoded) {
    const seen = new Set<string>();
    return decoded.map((input) => {
      if (seen.has(input.event.event_id)) return drop('repeated_in_batch');
      seen.add(input.event.event_id);
      return ok(input);
    });
  };
}
