import { Admin } from '@platformatic/kafka';
import { SwitchboardError } from '@switchboard/platform';
import { brokerUnavailable } from './access-fault.ts';
import { type BrokerAccess, clientSasl } from './broker-access.ts';
import { groupOf, topicGroups } from './groups.ts';
import { createLogReader, higher, type LogReader, lower, placeKey } from './log-reader.ts';
import type { SavedPlace } from './saved-places.ts';

export interface GroupsOptions extends BrokerAccess {
  /** Of groups' names. */
  groupPrefix: string;
}

export interface RewindOptions extends GroupsOptions {
  /** Unix ms: what came since is read again. */
  to: number;
  /** Where they stood: what came since then is read again, too. */
  places: readonly SavedPlace[];
}

/** Offsets of a group by the keys of `placeKey`. */
type Places = ReadonlyMap<string, bigint>;

const clientId = 'switchboard-rewind';
const timeoutMs = 15_000;

/**
 * Changes nothing.
 * @throws SwitchboardError `groups_in_use`: a service reads still; `broker_unavailable` (retryable), `broker_access_refused`
 */
export async function requireGroupsStopped(options: GroupsOptions): Promise<void> {
  await withAdmin(options, (admin) => requireStopped(admin, groupsOf(options)));
}

/**
 * Sets every group of ours back to what came at a time, or to where it stood, whichever is earlier, and none forward: done
 * again, it changes nothing. Looks at all of them before it sets one.
 * @returns how many partitions were set back
 * @throws SwitchboardError `groups_in_use`: a service reads still; `broker_unavailable` (retryable), `broker_access_refused`
 */
export async function rewindGroups(options: RewindOptions): Promise<number> {
  const { brokers, tls, sasl } = options;
  const reader = createLogReader({ brokers, tls, sasl, clientId, timeoutMs });
  return withAdmin(options, async (admin) => {
    const groups = groupsOf(options);
    await requireStopped(admin, groups);
    let rewound = 0;
    for (const [groupId, committed] of await reader.committed(groups)) {
      const stood = new Map(
        options.places
          .filter(({ group }) => group === groupId)
          .map((place) => [placeKey(place), BigInt(place.offset)]),
      );
      const back = await placesBefore(reader, committed, { to: options.to, stood });
      if (back.size > 0) await admin.alterConsumerGroupOffsets({ groupId, topics: topicsOf(back) });
      rewound += back.size;
    }
    return rewound;
  }).finally(() => reader.close());
}

async function withAdmin<T>(
  { brokers, tls, sasl }: GroupsOptions,
  work: (admin: Admin) => Promise<T>,
): Promise<T> {
  const access = { bootstrapBrokers: [...brokers], tls, sasl: clientSasl(sasl) };
  const admin = new Admin({ ...access, clientId, timeout: timeoutMs, requestTimeout: timeoutMs, retries: 3 });
  try {
    return await work(admin);
  } catch (cause) {
    if (cause instanceof SwitchboardError) throw cause;
    throw brokerUnavailable('groups could not be set back', cause);
  } finally {
    await admin.close().catch(() => undefined);
  }
}

function groupsOf({ groupPrefix }: GroupsOptions): string[] {
  return topicGroups.map(({ topic }) => groupOf(groupPrefix, topic));
}

async function requireStopped(admin: Admin, groups: string[]): Promise<void> {
  const found = await admin.describeGroups({ groups });
  const inUse = [...found.values()].find(({ members }) => members.size > 0);
  if (inUse)
    throw new SwitchboardError('groups_in_use', `${inUse.id} is read by a service still: stop all services`);
}

/** Where a group is to go on that is further: at the earlier of the two, or at the first event that the log still has. */
async function placesBefore(
  reader: LogReader,
  committed: Places,
  { to, stood }: { to: number; stood: Places },
): Promise<Places> {
  const topics = [...new Set([...committed.keys()].map((key) => nameOf(key).topic))];
  if (topics.length === 0) return new Map();
  const [then, first] = await Promise.all([reader.offsets(topics, to), reader.offsets(topics, 'first')]);
  const places = [...committed].map(([key, offset]) => {
    const since = then.get(key) ?? -1n;
    // Where nothing came since, the broker says −1.
    const earlier = lower(since < 0n ? offset : since, stood.get(key) ?? offset);
    return { key, offset, back: higher(earlier, first.get(key) ?? 0n) };
  });
  return new Map(places.filter(({ back, offset }) => back < offset).map(({ key, back }) => [key, back]));
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
