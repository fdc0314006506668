import type { IncomingBatch, IncomingMessage } from '@switchboard/kafka';
import type { Queryable } from '@switchboard/postgres';
import { loadInFlight, markInFlight, type OffsetRange } from '@switchboard/postgres/pipeline/in-flight';

/** Of what was begun together and not finished, so many parts are tried one after the other. */
const mostParts = 10;

/** Which events of a batch may be what a process died of. */
export interface Suspects {
  /** Those that a process had begun and not finished, in order, in parts; and all others. */
  find(batch: IncomingBatch): Promise<{ parts: IncomingMessage[][]; rest: IncomingMessage[] }>;
  /** Says, before it is begun, what is worked on: should the process end in it, the next one looks nowhere else. */
  mark(batch: IncomingBatch, range: OffsetRange): Promise<void>;
  /** All parts were tried, and none was it. Until then they stay suspected, though the batch may fail and come again. */
  clear(batch: IncomingBatch): void;
}

export function createSuspects(pool: Queryable): Suspects {
  const marks = new Map<string, OffsetRange>();
  const suspected = new Map<string, OffsetRange>();
  const placeOf = ({ topic, partition }: IncomingBatch) => `${topic}/${partition}`;
  return {
    async find(batch) {
      const place = placeOf(batch);
      const found = await loadInFlight(pool, batch.topic, batch.partition);
      const ours = marks.get(place);
      if (found && (found.first !== ours?.first || found.last !== ours.last)) suspected.set(place, found);
      const [inside, rest] = split(batch.messages, suspected.get(place));
      return { parts: partsOf(inside), rest };
    },
    async mark(batch, range) {
      await markInFlight(pool, batch.topic, batch.partition, range);
      marks.set(placeOf(batch), range);
    },
    clear(batch) {
      suspected.delete(placeOf(batch));
    },
  };
}

/** In order, and as even as can be; of ten messages or fewer one each. */
function partsOf(messages: readonly IncomingMessage[]): IncomingMessage[][] {
  const size = Math.ceil(messages.length / mostParts);
  const found: IncomingMessage[][] = [];
  for (let at = 0; at < messages.length; at += size) found.push(messages.slice(at, at + size));
  return found;
}

/** Messages that lie in the range, and all others. */
function split(
  messages: readonly IncomingMessage[],
  range: OffsetRange | undefined,
): [IncomingMessage[], IncomingMessage[]] {
  const { true: inside = [], false: outside = [] } = Object.groupBy(messages, ({ offset }) =>
    String(range !== undefined && range.first <= Number(offset) && Number(offset) <= range.last),
  );
  return [inside, outside];
}
