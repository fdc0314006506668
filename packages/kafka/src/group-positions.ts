import { groupOf, type TopicGroup, topicGroups } from './groups.ts';
import { type LogReader, type PartitionName, placeKey } from './log-reader.ts';
import { fullTopicName } from './topics.ts';

/** How far behind the group of a topic is, over all partitions. */
export interface GroupPosition extends TopicGroup {
  /** Messages that it has not finished. */
  lagMessages: number;
  /** Age of the oldest of them, seconds; 0 when there is none. */
  lagSeconds: number;
  /** Sum of the offsets that it has committed, those of messages long gone too. */
  finished: number;
  /** Messages that came to the topic per second, over the last minute. */
  arrivedPerSecond: number;
}

export interface Names {
  topicPrefix: string;
  groupPrefix: string;
}

/** What a group has left of one partition: offsets from `from` to before `to`. */
export interface UnfinishedRange extends PartitionName {
  group: TopicGroup;
  from: bigint;
  to: bigint;
}

const rateWindowMs = 60_000;

/**
 * Reads where every group of ours stands.
 * @param now Unix ms
 * @throws SwitchboardError `broker_unavailable` (retryable)
 */
export async function readGroupPositions(
  reader: LogReader,
  names: Names,
  now: number,
): Promise<GroupPosition[]> {
  const topics = topicGroups.map(({ topic }) => fullTopicName(names.topicPrefix, topic));
  const [ranges, since] = await Promise.all([
    unfinishedRanges(reader, names),
    reader.offsets(topics, now - rateWindowMs),
  ]);
  const positions: GroupPosition[] = [];
  for (const group of topicGroups) {
    const own = ranges.filter((range) => range.group === group);
    let lagSeconds = 0;
    for (const range of own.filter(({ from, to }) => from < to)) {
      const [oldest] = await reader.read(range, range.from, 1);
      if (oldest) lagSeconds = Math.max(lagSeconds, (now - oldest.timestamp) / 1_000);
    }
    const arrived = own.reduce((sum, range) => {
      const begin = since.get(placeKey(range)) ?? -1n;
      // Of a place that no record has come to since, the broker says −1.
      return begin < 0n ? sum : sum + Number(range.to - begin);
    }, 0);
    positions.push({
      ...group,
      lagMessages: own.reduce((sum, { from, to }) => sum + Number(to - from), 0),
      lagSeconds,
      finished: own.reduce((sum, { from }) => sum + Number(from), 0),
      arrivedPerSecond: arrived / (rateWindowMs / 1_000),
    });
  }
  return positions;
}

/**
 * What each group has left in each partition, empty ranges among it.
 * @throws SwitchboardError `broker_unavailable` (retryable)
 */
export async function unfinishedRanges(reader: LogReader, names: Names): Promise<UnfinishedRange[]> {
  const topics = topicGroups.map(({ topic }) => fullTopicName(names.topicPrefix, topic));
  // Committed before the end of the log is read, or what comes meanwhile could look finished.
  const [committed, first] = await Promise.all([
    reader.committed(topicGroups.map(({ topic }) => groupOf(names.groupPrefix, topic))),
    reader.offsets(topics, 'first'),
  ]);
  const end = await reader.offsets(topics, 'end');
  return topicGroups.flatMap((group) => {
    const topic = fullTopicName(names.topicPrefix, group.topic);
    const own = committed.get(groupOf(names.groupPrefix, group.topic));
    return [...end].flatMap(([key, to]) => {
      if (!key.startsWith(`${topic}/`)) return [];
      const partition = Number(key.slice(topic.length + 1));
      const low = first.get(key) ?? 0n;
      const from = own?.get(key) ?? low;
      return [{ group, topic, partition, from: from < low ? low : from > to ? to : from, to }];
    });
  });
}
