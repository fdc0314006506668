import { Admin } from '@platformatic/kafka';
import { SwitchboardError } from '@switchboard/platform';
import { brokerUnavailable } from './access-fault.ts';
import { type BrokerAccess, clientSasl } from './broker-access.ts';
import { groupOf, topicGroups } from './groups.ts';
import { createLogReader, type LogReader } from './log-reader.ts';

export interface RewindOptions extends BrokerAccess {
  /** Of groups' names. */
  groupPrefix: string;
  /** Unix ms: what came since is read again. */
  to: number;
}

/** How far a group is set back: offsets by the keys of `placeKey`. */
type Places = ReadonlyMap<string, bigint>;

const clientId = 'switchboard-rewind';
const timeoutMs = 15_000;

/**
 * Sets every group of ours back to what came at a time, and none forward: done again, it changes nothing. Looks at all of
 * them before it sets one.
 * @returns how many partitions were set back
 * @throws SwitchboardError `groups_in_use`: a service reads still; `broker_unavailable` (retryable), `broker_access_refused`
 */
export async function rewindGroups(options: RewindOptions): Promise<number> {
  const { brokers, tls, sasl } = options;
  const access = { bootstrapBrokers: [...brokers], tls, sasl: clientSasl(sasl) };
  const admin = new Admin({ ...access, clientId, timeout: timeoutMs, requestTimeout: timeoutMs, retries: 3 });
  const reader = createLogReader({ brokers, tls, sasl, clientId, timeoutMs });
  try {
    const groups = topicGroups.map(({ topic }) => groupOf(options.groupPrefix, topic));
    await requireStopped(admin, groups);
    let rewound = 0;
    for (const [groupId, committed] of await reader.committed(groups)) {
      const back = await placesBefore(reader, committed, options);
      if (back.size > 0) await admin.alterConsumerGroupOffsets({ groupId, topics: topicsOf(back) });
      rewound += back.size;
    }
    return rewound;
  } catch (cause) {
    if (cause instanceof SwitchboardError) throw cause;
    throw brokerUnavailable('groups could not be set back', cause);
  } finally {
    reader.close();
    await admin.close().catch(() => undefined);
  }
}

async function requireStopped(admin: Admin, groups: string[]): Promise<void> {
  const found = await admin.describeGroups({ groups });
  const inUse = [...found.values()].find(({ members }) => members.size > 0);
  if (inUse)
    throw new SwitchboardError('groups_in_use', `${inUse.id} is read by a service still: stop all services`);
}

/** Those of a group's places that lie after the time, as they are at the time. */
async function placesBefore(reader: LogReader, committed: Places, { to }: RewindOptions): Promise<Places> {
  const topics = [...new Set([...committed.keys()].map((key) => nameOf(key).topic))];
  if (topics.length === 0) return new Map();
  const then = await reader.offsets(topics, to);
  // Where nothing came since, the broker says −1.
  return new Map([...then].filter(([key, offset]) => offset >= 0n && offset < (committed.get(key) ?? 0n)));
}

function topicsOf(places: Places) {
  const found = [...places].map(([key, offset]) => ({ ...nameOf(key), offset }));
  return [...Map.groupBy(found, ({ topic }) => topic)].map(([name, of]) => ({
    name,
    partitionOffsets: of.map(({ partition, offset }) => ({ partition, offset })),
  }));
}

function nameOf(key: string): { topic: string; partition: number } {
  const [topic = '', partition] = key.split('/');
  return { topic, partition: Number(partition) };
}
