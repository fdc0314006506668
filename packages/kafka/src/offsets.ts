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
export function readLag(options: ReadLagOptions): Promise<PartitionLag[]> {
  return askOf(options, 'offsets', (admin) => readPositions(admin, options));
}

/**
 * Whether a group deals its partitions out anew, once its members have come back: whoever joins has no answer until then.
 * @throws SwitchboardError `broker_unavailable` (retryable)
 */
export function isGathering(options: BrokerAccess & { groupId: string }): Promise<boolean> {
  return askOf(options, 'the state of a group', async (admin) => {
    await admin.connect();
    const { groups } = await admin.describeGroups([options.groupId]);
    return groups.some(({ state }) => state === 'PreparingRebalance' || state === 'CompletingRebalance');
  });
}

/** Asks on a connection of its own. */
async function askOf<T>(
  options: BrokerAccess & { groupId: string },
  what: string,
  ask: (admin: Admin) => Promise<T>,
): Promise<T> {
  const connection = createConnection({
    brokers: options.brokers,
    tls: options.tls,
    sasl: options.sasl,
    clientId: `${options.groupId}-lag`,
    requestTimeoutMs: readTimeoutMs,
    retry: { retries: 2, initialRetryTime: 100, maxRetryTime: 500 },
  });
  try {
    return await withDeadline(readTimeoutMs, `reading ${what}`, ask(connection.kafka.admin()));
  } catch (cause) {
    throw new SwitchboardError('broker_unavailable', `${what} could not be read`, { retryable: true, cause });
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
