import { Admin } from '@platformatic/kafka';
import { SwitchboardError } from '@switchboard/platform';
import { brokerUnavailable } from './access-fault.ts';
import { type BrokerAccess, clientSasl } from './broker-access.ts';
import { groupOf, topicGroups } from './groups.ts';
import {
  createLogReader,
  higher,
  type LogReader,
  lower,
  type PartitionName,
  placeKey,
} from './log-reader.ts';
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

/** A group's place that its log does not have: what came there is gone, or the topic was made anew. */
export interface LostPlace extends PartitionName {
  /** By its full name. */
  group: string;
  committed: bigint;
  /** Where the log begins. */
  first: bigint;
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
 * Where groups of ours are to go on at an offset that their log does not have, so that their reader stops with `offset_lost`.
 * With `set` each of them goes on at the log's beginning: what it has read before is known by its id.
 * @throws SwitchboardError as {@link rewindGroups} does, `groups_in_use` only with `set`
 */
export async function lostPlaces(options: GroupsOptions, set: boolean): Promise<LostPlace[]> {
  return withReader(options, async (admin, reader) => {
    const groups = groupsOf(options);
    if (set) await requireStopped(admin, groups);
    const found: LostPlace[] = [];
    for (const [group, committed] of await placesOf(reader, groups)) {
      const { first, end } = await logsOf(reader, committed);
      const lost = [...committed].filter(([key, offset]) => isLost(key, offset, { first, end }));
      for (const [key, offset] of lost)
        found.push({ ...nameOf(key), group, committed: offset, first: first.get(key) ?? 0n });
      if (set) await place(admin, group, new Map(lost.map(([key]) => [key, first.get(key) ?? 0n])));
    }
    return found;
  });
}

/**
 * Sets every group of ours back to what came at a time, or to where it stood, whichever is earlier, and none forward, but for
 * what its log has no more: done again, it changes nothing. Looks at all of them before it sets one.
 * @returns how many partitions were set
 * @throws SwitchboardError `groups_in_use`: a service reads still; `broker_unavailable` (retryable), `broker_access_refused`
 */
export async function rewindGroups(options: RewindOptions): Promise<number> {
  return withReader(options, async (admin, reader) => {
    const groups = groupsOf(options);
    await requireStopped(admin, groups);
    let rewound = 0;
    for (const [groupId, committed] of await placesOf(reader, groups)) {
      const stood = new Map(
        options.places
          .filter(({ group }) => group === groupId)
          .map((place) => [placeKey(place), BigInt(place.offset)]),
      );
      const back = await placesBefore(reader, committed, { to: options.to, stood });
      await place(admin, groupId, back);
      rewound += back.size;
    }
    return rewound;
  });
}

async function withReader<T>(
  options: GroupsOptions,
  work: (admin: Admin, reader: LogReader) => Promise<T>,
): Promise<T> {
  const { brokers, tls, sasl } = options;
  const reader = createLogReader({ brokers, tls, sasl, clientId, timeoutMs });
  return withAdmin(options, (admin) => work(admin, reader)).finally(() => reader.close());
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

/** Of those groups that have read anything. */
async function placesOf(reader: LogReader, groups: string[]): Promise<[string, Places][]> {
  return [...(await reader.committed(groups))].filter(([, committed]) => committed.size > 0);
}

async function place(admin: Admin, groupId: string, places: Places): Promise<void> {
  if (places.size > 0) await admin.alterConsumerGroupOffsets({ groupId, topics: topicsOf(places) });
}

/**
 * Where a group is to go on that is further: at the earlier of the two, or at the first event that the log still has. There,
 * too, where its own place is none of the log's: of one that was made anew nobody has read anything.
 */
async function placesBefore(
  reader: LogReader,
  committed: Places,
  { to, stood }: { to: number; stood: Places },
): Promise<Places> {
  const { first, end } = await logsOf(reader, committed);
  const then = await reader.offsets(topicNamesOf(committed), to);
  const places = new Map<string, bigint>();
  for (const [key, offset] of committed) {
    const since = then.get(key) ?? -1n;
    // Where nothing came since, the broker says −1.
    const earlier = lower(since < 0n ? offset : since, stood.get(key) ?? offset);
    const start = first.get(key) ?? 0n;
    const back = higher(earlier, start);
    if (isLost(key, offset, { first, end })) places.set(key, start);
    else if (back < offset) places.set(key, back);
  }
  return places;
}

/** Where the logs begin and end in which a group has places. */
async function logsOf(reader: LogReader, committed: Places): Promise<{ first: Places; end: Places }> {
  const topics = topicNamesOf(committed);
  const [first, end] = await Promise.all([reader.offsets(topics, 'first'), reader.offsets(topics, 'end')]);
  return { first, end };
}

function isLost(key: string, offset: bigint, { first, end }: { first: Places; end: Places }): boolean {
  return offset < (first.get(key) ?? offset) || offset > (end.get(key) ?? offset);
}

function topicNamesOf(committed: Places): string[] {
  return [...new Set([...committed.keys()].map((key) => nameOf(key).topic))];
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
