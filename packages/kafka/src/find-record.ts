import { type Names, type UnfinishedRange, unfinishedRanges } from './group-positions.ts';
import type { LogReader } from './log-reader.ts';
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

export interface RecordSearch {
  found: WaitingRecord | null;
  /** Unfinished messages that were looked at, and that were not. */
  looked: number;
  unlooked: number;
  /** Whether nothing was left out: what was not found is then in no topic unfinished. */
  complete: boolean;
}

const readBytes = 4 * 1_048_576;

/**
 * Looks for an event among what groups have not finished, by the header `event-id`: its key, and with that its
 * partition, does not follow from the id. Partitions with little left come first.
 * @param eventIds any of them
 * @param deadline Unix ms; what was not looked at by then is said
 * @throws SwitchboardError `broker_unavailable` (retryable)
 */
export async function findRecord(
  reader: LogReader,
  names: Names,
  eventIds: readonly string[],
  deadline: number,
): Promise<RecordSearch> {
  const wanted = new Set(eventIds);
  const ranges = (await unfinishedRanges(reader, names))
    .filter(({ from, to }) => from < to)
    .sort((one, other) => sizeOf(one) - sizeOf(other));
  const total = ranges.reduce((sum, range) => sum + sizeOf(range), 0);
  let looked = 0;
  for (const range of ranges) {
    let at = range.from;
    while (at < range.to && Date.now() < deadline) {
      const records = await reader.read(range, at, readBytes);
      const last = records.at(-1);
      // Offsets without a record, as compaction or a transaction leaves them, end the log early.
      if (!last) break;
      const record = records.find(({ headers }) => wanted.has(headers['event-id'] ?? ''));
      if (record) return { found: waiting(range, record), looked, unlooked: total - looked, complete: false };
      const next = last.offset + 1n < range.to ? last.offset + 1n : range.to;
      looked += Number(next - at);
      at = next;
    }
  }
  return { found: null, looked, unlooked: total - looked, complete: looked === total };
}

function sizeOf({ from, to }: UnfinishedRange): number {
  return Number(to - from);
}

function waiting(
  { group, partition, from }: UnfinishedRange,
  { offset, timestamp }: { offset: bigint; timestamp: number },
): WaitingRecord {
  const { topic, group: name } = group;
  return { topic, partition, offset, group: name, behind: Number(offset - from), timestamp };
}
