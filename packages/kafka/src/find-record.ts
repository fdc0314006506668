import { setTimeout as sleep } from 'node:timers/promises';
import { type Names, type UnfinishedRange, unfinishedRanges } from './group-positions.ts';
import type { TopicGroup } from './groups.ts';
import { higher, type LogReader, lower, placeKey, type RecordHead } from './log-reader.ts';
import type { TopicName } from './topics.ts';

/** A record that a group has not finished. */
export interface WaitingRecord {
  /** Without prefix. */
  topic: TopicName;
  partition: number;
  offset: bigint;
  /** Without prefix. */
  group: string;
  /** Unfinished messages before it in its partition. */
  behind: number;
  /** Unix ms by which the broker orders time. */
  timestamp: number;
}

/** What a group has not finished of its topic. */
export interface Backlog extends TopicGroup {
  messages: number;
  /** When the oldest of them came, Unix ms; null: it could not be read in time. */
  oldest: number | null;
}

export interface RecordSearch {
  found: WaitingRecord | null;
  /** Unfinished messages that were looked at, and that were not. */
  looked: number;
  unlooked: number;
  /** Whether nothing was left out: what was not found is then in no topic unfinished. */
  complete: boolean;
  /** Of every group that has something left. */
  backlogs: Backlog[];
}

export interface SearchOptions {
  /** Any of the ids that the event may have. */
  eventIds: readonly string[];
  /** About when it came, Unix ms. */
  around: number;
  /** Unix ms; what was not looked at by then is said. */
  deadline: number;
}

const readBytes = 1_048_576;
/** How far from the instant is looked at first, and then, ms; after that everything. */
const spreads = [5_000, 30_000, 300_000, 3_600_000];
/** Reads at a time: the broker gets the next ready while one is gone through. */
const lanes = 3;

/** Offsets that are gone through: from `from` to before `to`. */
interface Stretch {
  range: UnfinishedRange;
  from: bigint;
  to: bigint;
}

/**
 * Looks for an event among what groups have not finished, by the header `event-id`: neither its key, and with that its
 * partition, nor its time follows from the id. So the broker is asked which offsets are of about the instant, and the
 * search goes on from there in both directions, in all partitions at once.
 * @throws SwitchboardError `broker_unavailable` (retryable)
 */
export async function findRecord(
  reader: LogReader,
  names: Names,
  { eventIds, around, deadline }: SearchOptions,
): Promise<RecordSearch> {
  const wanted = new Set(eventIds);
  const ranges = (await unfinishedRanges(reader, names)).filter(({ from, to }) => from < to);
  const total = ranges.reduce((sum, range) => sum + sizeOf(range), 0);
  const oldest = new Map<UnfinishedRange, number>();
  let looked = 0;
  let found: WaitingRecord | null = null;

  async function readOldest(range: UnfinishedRange): Promise<void> {
    const [head] = await reader.read(range, range.from, 1);
    if (head) oldest.set(range, head.timestamp);
  }

  async function goThrough({ range, from, to }: Stretch): Promise<void> {
    let at = from;
    while (at < to && !found && Date.now() < deadline) {
      const records = await reader.read(range, at, readBytes);
      const last = records.at(-1);
      // Offsets without a record, as compaction or a transaction leaves them, end the log early.
      if (!last) break;
      const record = records.find((head) => wanted.has(head.header('event-id') ?? ''));
      if (record) {
        found = waiting(range, record);
        break;
      }
      const next = last.offset + 1n < to ? last.offset + 1n : to;
      looked += Number(next - at);
      at = next;
    }
  }

  async function search(): Promise<void> {
    for await (const stretches of outwards(reader, ranges, around)) {
      const left = stretches.sort((one, other) => sizeOf(one) - sizeOf(other));
      const work = async () => {
        for (let next = left.shift(); next; next = left.shift()) await goThrough(next);
      };
      await Promise.all(Array.from({ length: lanes }, work));
      if (found || Date.now() >= deadline) break;
    }
  }

  // An answer that is on its way at the end is not waited for: what is known by then is told.
  const late = sleep(Math.max(0, deadline - Date.now()), undefined, { ref: false });
  await Promise.race([Promise.all([...ranges.map(readOldest), search()]), late]);
  const complete = !found && looked === total;
  return { found, looked, unlooked: total - looked, complete, backlogs: backlogsOf(ranges, oldest) };
}

/** What to go through next: nearest to the instant first, each offset once, until all is named. */
async function* outwards(
  reader: LogReader,
  ranges: readonly UnfinishedRange[],
  around: number,
): AsyncGenerator<Stretch[]> {
  const topics = [...new Set(ranges.map(({ topic }) => topic))];
  if (topics.length === 0) return;
  const named = new Map<UnfinishedRange, { from: bigint; to: bigint }>();
  for (const spread of [...spreads, Number.POSITIVE_INFINITY]) {
    const all = spread === Number.POSITIVE_INFINITY;
    const [since, until] = all
      ? []
      : await Promise.all([reader.offsets(topics, around - spread), reader.offsets(topics, around + spread)]);
    const stretches = ranges.flatMap((range) => {
      const near = { from: within(range, since, range.from), to: within(range, until, range.to) };
      const known = named.get(range) ?? { from: near.from, to: near.from };
      // Records need not stand in the order of their times.
      const next = { from: lower(near.from, known.from), to: higher(near.to, known.to) };
      named.set(range, next);
      return [
        { range, from: next.from, to: known.from },
        { range, from: known.to, to: next.to },
      ].filter(({ from, to }) => from < to);
    });
    if (stretches.length > 0) yield stretches;
  }
}

/** The offset of a place in a range; of a place that no record has come to since, the broker says −1. */
function within(range: UnfinishedRange, places: Map<string, bigint> | undefined, other: bigint): bigint {
  const place = places?.get(placeKey(range));
  if (place === undefined) return other;
  return place < 0n ? range.to : higher(range.from, lower(place, range.to));
}

function backlogsOf(
  ranges: readonly UnfinishedRange[],
  oldest: ReadonlyMap<UnfinishedRange, number>,
): Backlog[] {
  return [...new Set(ranges.map(({ group }) => group))].map((group) => {
    const own = ranges.filter((range) => range.group === group);
    const times = own.flatMap((range) => oldest.get(range) ?? []);
    return {
      ...group,
      messages: own.reduce((sum, range) => sum + sizeOf(range), 0),
      oldest: times.length === 0 ? null : Math.min(...times),
    };
  });
}

function sizeOf({ from, to }: { from: bigint; to: bigint }): number {
  return Number(to - from);
}

function waiting(
  { group, partition, from }: UnfinishedRange,
  { offset, timestamp }: RecordHead,
): WaitingRecord {
  const { topic, group: name } = group;
  return { topic, partition, offset, group: name, behind: Number(offset - from), timestamp };
}
