import type { Queryable } from '../pool.ts';
import { countAttempt, forgetAttempts, forgiveAttempt } from './in-flight.ts';

/** Where one event lies. */
export interface Place {
  topic: string;
  partition: number;
  offset: number;
}

export interface LoneAttempts {
  /** Runs what may kill the process, one after the other in the whole process, whatever the partition. */
  inTurn(work: () => Promise<void>): Promise<void>;
  /**
   * Runs one event's work, in its turn, with its attempt stored first; the work is told which attempt it is. Attempts of what is
   * `finished` are forgotten. Those of what is `set-aside` stay until the offset has passed it: should another event kill the
   * process before, it is known and not tried again.
   */
  count(place: Place, work: (attempt: number) => Promise<'finished' | 'set-aside'>): Promise<void>;
}

/**
 * Counts attempts of events that may be what kills the process: nothing else that is suspect runs meanwhile, so that no
 * death is counted against an event that only stood beside the guilty one. An attempt that failed without a death is
 * taken back; where Postgres was away, before anything is counted again.
 */
export function createLoneAttempts(pool: Queryable): LoneAttempts {
  const unforgiven: Place[] = [];
  let last = Promise.resolve();

  async function forgive(): Promise<void> {
    for (let place = unforgiven[0]; place; place = unforgiven[0]) {
      await forgiveAttempt(pool, place.topic, place.partition, place.offset);
      unforgiven.shift();
    }
  }

  async function count(
    place: Place,
    work: (attempt: number) => Promise<'finished' | 'set-aside'>,
  ): Promise<void> {
    await forgive();
    const attempt = await countAttempt(pool, place.topic, place.partition, place.offset);
    try {
      const ended = await work(attempt);
      if (ended === 'finished') await forgetAttempts(pool, place.topic, place.partition, [place.offset]);
    } catch (error) {
      unforgiven.push(place);
      // If it fails it is owed, and paid before the next count.
      await forgive().catch(() => undefined);
      throw error;
    }
  }

  function inTurn(work: () => Promise<void>): Promise<void> {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  }

  return { inTurn, count };
}
