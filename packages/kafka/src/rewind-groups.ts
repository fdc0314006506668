import { SwitchboardError } from '@switchboard/platform';
import type { BrokerAccess } from './broker-access.ts';
import { createConnection } from './connection.ts';

export interface RewindOptions extends BrokerAccess {
  /** Of groups' names. */
  groupPrefix: string;
  /** Unix ms: what came since is read again. */
  to: number;
}

/**
 * Sets every group with the prefix back to what came at a time, and none forward. Its members must be stopped.
 * @returns how many partitions were set back
 * @throws SwitchboardError `broker_unavailable` (retryable): also where a group has members
 */
export async function rewindGroups(options: RewindOptions): Promise<number> {
  const connection = createConnection({
    brokers: options.brokers,
    tls: options.tls,
    sasl: options.sasl,
    clientId: 'switchboard-rewind',
    requestTimeoutMs: 15_000,
    retry: { retries: 3, initialRetryTime: 200, maxRetryTime: 1_000 },
  });
  const admin = connection.kafka.admin();
  try {
    await admin.connect();
    let rewound = 0;
    const { groups } = await admin.listGroups();
    for (const { groupId } of groups.filter((group) => group.groupId.startsWith(options.groupPrefix)))
      for (const { topic, partitions } of await admin.fetchOffsets({ groupId })) {
        const then = await admin.fetchTopicOffsetsByTimestamp(topic, options.to);
        const back = partitions.flatMap(({ partition, offset }) => {
          const at = then.find((one) => one.partition === partition)?.offset;
          const isBack = at !== undefined && BigInt(at) >= 0n && BigInt(at) < BigInt(offset);
          return isBack ? [{ partition, offset: at }] : [];
        });
        if (back.length === 0) continue;
        await admin.setOffsets({ groupId, topic, partitions: back });
        rewound += back.length;
      }
    return rewound;
  } catch (cause) {
    throw new SwitchboardError('broker_unavailable', 'groups could not be set back', {
      retryable: true,
      cause,
    });
  } finally {
    await admin.disconnect().catch(() => undefined);
    connection.destroy();
  }
}
