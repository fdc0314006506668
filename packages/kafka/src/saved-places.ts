import type { BrokerAccess } from './broker-access.ts';
import { type Names, unfinishedRanges } from './group-positions.ts';
import { groupOf } from './groups.ts';
import { createLogReader } from './log-reader.ts';

/** Where a group stood in a partition, by full names: it had finished what is before the offset. */
export interface SavedPlace {
  group: string;
  topic: string;
  partition: number;
  /** Decimal. */
  offset: string;
}

/**
 * Where each group of ours stands in each partition; one that has read nothing stands at the log's beginning.
 * @throws SwitchboardError `broker_unavailable` (retryable)
 */
export async function savePlaces(options: BrokerAccess & Names): Promise<SavedPlace[]> {
  const { brokers, tls, sasl } = options;
  const reader = createLogReader({ brokers, tls, sasl, clientId: 'switchboard-backup', timeoutMs: 15_000 });
  try {
    const ranges = await unfinishedRanges(reader, options);
    return ranges.map(({ group, topic, partition, from }) => ({
      group: groupOf(options.groupPrefix, group.topic),
      topic,
      partition,
      offset: String(from),
    }));
  } finally {
    reader.close();
  }
}
