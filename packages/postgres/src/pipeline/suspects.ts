import { gather } from '@switchboard/platform';
import type { Queryable } from '../pool.ts';
import {
  forgetAttempts,
  loadBegun,
  markInFlight,
  type OffsetRange,
  type PartitionOf,
  type StoredAttempts,
} from './in-flight.ts';

/** What is read here of a message of a topic. */
export interface GivenMessage {
  /** Decimal digits. */
  offset: string;
  /** Its producer's, Unix ms. */
  timestamp: number;
}

/** Messages of one partition that follow each other. */
export interface GivenBatch<M extends GivenMessage> extends PartitionOf {
  messages: readonly M[];
  firstOffset: string;
  lastOffset: string;
}

/** An event that was begun alone so often and never finished is what kills the process. */
export const mostAttempts = 5;

/** Of what was begun together and not finished, so many parts are tried one after the other. */
const mostParts = 10;

/** By how much two machines' clocks may differ. A log that is made anew is hardly written to again within it. */
const mostClockDifferenceMs = 3_600_000;

/** An event that was set aside as what kills the process, and when it was begun last, Unix ms. */
export interface KnownKiller<M> {
  message: M;
  lastAt: number;
}

/** Which events of a batch may be what a process died of. */
export interface Suspects<M extends GivenMessage> {
  /**
   * Those that are known to kill the process and were set aside before, though the offset has not passed them; those that a
   * process had begun and not finished, in order, in parts; and all others.
   */
  find(batch: GivenBatch<M>): Promise<{ known: KnownKiller<M>[]; parts: M[][]; rest: M[] }>;
  /** Says, before it is begun, what is worked on: should the process end in it, the next one looks nowhere else. */
  mark(batch: PartitionOf, range: OffsetRange): Promise<void>;
  /** All parts were tried, and none was it. Until then they stay suspected, though the batch may fail and come again. */
  clear(batch: PartitionOf): void;
}

export function createSuspects<M extends GivenMessage>(pool: Queryable): Suspects<M> {
  const marks = new Map<string, OffsetRange>();
  const suspected = new Map<string, OffsetRange>();
  const placeOf = ({ topic, partition }: PartitionOf) => `${topic}/${partition}`;
  // One fetch brings batches of all partitions.
  const begunOn = gather((partitions: readonly PartitionOf[]) => loadBegun(pool, partitions));
  const begin = gather(async (batches: readonly (PartitionOf & OffsetRange)[]) => {
    await markInFlight(pool, batches);
    return batches;
  });

  async function findKnown(
    { topic, partition, messages, firstOffset }: GivenBatch<M>,
    stored: readonly StoredAttempts[],
  ): Promise<KnownKiller<M>[]> {
    if (stored.length === 0) return [];
    const at = new Map(messages.map((message) => [Number(message.offset), message]));
    // What came after the attempt lies in a log that was made anew: another event at the same offset. When it came is said by
    // its producer's clock, when it was tried by that of Postgres.
    const old = stored.filter(
      (one) =>
        one.offset < Number(firstOffset) ||
        (at.get(one.offset)?.timestamp ?? 0) > one.at + mostClockDifferenceMs,
    );
    if (old.length > 0)
      await forgetAttempts(
        pool,
        topic,
        partition,
        old.map(({ offset }) => offset),
      );
    return stored
      .filter((one) => !old.includes(one) && one.attempts > mostAttempts)
      .flatMap(({ offset, at: lastAt }) => {
        const message = at.get(offset);
        return message ? { message, lastAt } : [];
      });
  }

  return {
    async find(batch) {
      const place = placeOf(batch);
      const { inFlight: found, attempts } = await begunOn(batch);
      const known = await findKnown(batch, attempts);
      const ours = marks.get(place);
      if (found && (found.first !== ours?.first || found.last !== ours.last)) suspected.set(place, found);
      const others = batch.messages.filter((one) => !known.some(({ message }) => message === one));
      const [inside, rest] = split(others, suspected.get(place));
      return { known, parts: partsOf(inside), rest };
    },
    async mark(batch, range) {
      await begin({ topic: batch.topic, partition: batch.partition, ...range });
      marks.set(placeOf(batch), range);
    },
    clear(batch) {
      suspected.delete(placeOf(batch));
    },
  };
}

/** In order, and as even as can be; of ten messages or fewer one each. */
function partsOf<M>(messages: readonly M[]): M[][] {
  const size = Math.ceil(messages.length / mostParts);
  const found: M[][] = [];
  for (let at = 0; at < messages.length; at += size) found.push(messages.slice(at, at + size));
  return found;
}

/** Messages that lie in the range, and all others. */
function split<M extends GivenMessage>(messages: readonly M[], range: OffsetRange | undefined): [M[], M[]] {
  const { true: inside = [], false: outside = [] } = Object.groupBy(messages, ({ offset }) =>
    String(range !== undefined && range.first <= Number(offset) && Number(offset) <= range.last),
  );
  return [inside, outside];
}
