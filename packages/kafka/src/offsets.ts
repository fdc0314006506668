import { SwitchboardError } from '@switchboard/platform';
import type { Admin } from 'kafkajs';
import type { BrokerAccess } from './broker-access.ts';
import { createConnection } from './connection.ts';
import type { PartitionLag } from './consumer-types.ts';
import { withDeadline } from './with-deadline.ts';

export interface ReadLagOptions extends BrokerAccess {
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
    tls: options.tls,
    sasl: options.sasl,
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
  // The log's end last: asked beside each other, a group at work would have committed beyond an end that is already old.
  const committed = await admin.fetchOffsets({ groupId, topics: [...topics] });
  const logs = await Promise.all(
    topics.map(async (topic) => ({ topic, partitions: await admin.fetchTopicOffsets(topic) })),
  );
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
