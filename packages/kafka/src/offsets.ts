import { SwitchboardError } from '@switchboard/platform';
import type { Admin } from 'kafkajs';
import { createConnection } from './connection.ts';
import type { PartitionLag } from './consumer-types.ts';
import { withDeadline } from './with-deadline.ts';

export interface ReadLagOptions {
  brokers: readonly string[];
  groupId: string;
  /** Full names. */
  topics: readonly string[];
}

const readTimeoutMs = 5_000;

/**
 * Where a group stands in every partition of the topics, in messages.
 * @throws SwitchboardError `broker_unavailable` (retryable)
 */
export async function readLag(options: ReadLagOptions): Promise<PartitionLag[]> {
  const connection = createConnection({
    brokers: options.brokers,
    clientId: `${options.groupId}-lag`,
    requestTimeoutMs: readTimeoutMs,
    retry: { retries: 2, initialRetryTime: 100, maxRetryTime: 500 },
  });
  const admin = connection.kafka.admin();
  try {
    return await withDeadline(readTimeoutMs, 'reading offsets', readPositions(admin, options));
  } catch (cause) {
    throw new SwitchboardError('broker_unavailable', 'offsets could not be read', { retryable: true, cause });
  } finally {
    connection.destroy();
  }
}

async function readPositions(
  admin: Admin,
  { groupId, topics }: Pick<ReadLagOptions, 'groupId' | 'topics'>,
): Promise<PartitionLag[]> {
  await admin.connect();
  const [committed, ...logs] = await Promise.all([
    admin.fetchOffsets({ groupId, topics: [...topics] }),
    ...topics.map(async (topic) => ({ topic, partitions: await admin.fetchTopicOffsets(topic) })),
  ]);
  return logs.flatMap(({ topic, partitions }) => {
    const ofTopic = committed.find((group) => group.topic === topic)?.partitions ?? [];
    return partitions.map(({ partition, low, high }) => {
      const offset = ofTopic.find((known) => known.partition === partition)?.offset ?? '-1';
      return positionOf(topic, partition, BigInt(offset), BigInt(low), BigInt(high));
    });
  });
}

function positionOf(
  topic: string,
  partition: number,
  offset: bigint,
  low: bigint,
  high: bigint,
): PartitionLag {
  const committed = offset < 0n ? null : offset;
  const from = committed === null || committed < low ? low : committed;
  return { topic, partition, committed, low, high, lag: from > high ? 0 : Number(high - from) };
}

/**
 * A group must go on where it stopped. If the log no longer reaches back to there, events were lost to retention; if
 * it ends before, the log was made anew. Either is for a person to decide.
 * @throws SwitchboardError `offset_lost`
 */
export function requireOffsetsInLog(groupId: string, positions: readonly PartitionLag[]): void {
  const lost = positions.find(
    ({ committed, low, high }) => committed !== null && (committed < low || committed > high),
  );
  if (lost) throw offsetLost(groupId, lost.topic, lost.partition, lost);
}

/** What to tell whoever runs this. */
export function offsetLost(
  groupId: string,
  topic: string,
  partition: number,
  position?: Pick<PartitionLag, 'committed' | 'low' | 'high'>,
): SwitchboardError {
  const where = position
    ? `is to go on at offset ${position.committed}, but the log has ${position.low} to ${position.high}`
    : 'is to go on at an offset that the log does not have';
  return new SwitchboardError(
    'offset_lost',
    `group ${groupId} ${where} (${topic}, partition ${partition}): events are missing or the topic was made anew. ` +
      'Nothing was skipped. Set the offset of the group by hand, with this consumer stopped, to go on.',
  );
}
