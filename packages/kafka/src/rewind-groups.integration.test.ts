import { randomUUID } from 'node:crypto';
import { Admin } from '@platformatic/kafka';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { join, type Member, until, withAdmin } from './contract/kit.ts';
import {
  createLogReader,
  createProducer,
  ensureTopics,
  groupOf,
  type LogReader,
  type Producer,
} from './index.ts';
import { lostPlaces, rewindGroups } from './rewind-groups.ts';
import { type SavedPlace, savePlaces } from './saved-places.ts';

const broker = inject('engines').kafka;
const prefix = `rewind-${randomUUID()}.`;
const topic = `${prefix}voice-call.enriched.v1`;
const groupId = groupOf(prefix, 'voice-call.enriched.v1');
const neighbour = `${prefix}elsewhere.sink-postgres`;
let producer: Producer;
let reader: LogReader;
/** Before and after the second of four events of one key. */
const times: number[] = [];
/** Where they are. */
let home = 0;

beforeAll(async () => {
  await ensureTopics({ brokers: [broker], prefix, partitions: 2 });
  producer = createProducer({ brokers: [broker], clientId: 'rewind', deadlineMs: 15_000 });
  await producer.connect();
  reader = createLogReader({ brokers: [broker], clientId: 'rewind-test', timeoutMs: 20_000 });
  for (const value of ['1', '2', '3', '4']) {
    await producer.send({ topic, key: 'one call', value: Buffer.from(value) });
    times.push(await nextMillisecond());
  }
  for (const group of [groupId, neighbour]) await (await readToEnd(group)).stop();
});
afterAll(async () => {
  reader.close();
  await producer.close();
  await withAdmin(broker, async (admin) => {
    const topics = (await admin.listTopics()).filter((name) => name.startsWith(prefix));
    await admin.deleteTopics({ topics });
  });
});

const rewindTo = (to: number, places: readonly SavedPlace[] = []) =>
  rewindGroups({ brokers: [broker], groupPrefix: prefix, to, places });

/** How many of the four events a group has finished. */
async function standsAt(group = groupId): Promise<number> {
  const committed = await reader.committed([group]);
  return Number([...(committed.get(group)?.values() ?? [])].reduce((sum, offset) => sum + offset, 0n));
}

async function readToEnd(group: string): Promise<Member> {
  const member = await join(broker, { groupId: group, topics: [topic], handle: async () => undefined });
  await until(`${group} has read all`, async () => (await standsAt(group)) === 4);
  return member;
}

/** A moment that all events until now are before and all later ones after. */
async function nextMillisecond(): Promise<number> {
  const now = Date.now();
  await until('later', () => Date.now() > now + 1);
  return now + 1;
}

it('sets a group back to a time, never forward, and changes nothing when it is done again', async () => {
  expect(await rewindTo(Date.now() + 60_000)).toBe(0);
  expect(await standsAt()).toBe(4);
  expect(await rewindTo(times[1] ?? 0)).toBe(1);
  expect(await standsAt()).toBe(2);
  expect(await rewindTo(times[1] ?? 0)).toBe(0);
  expect(await rewindTo(times[2] ?? 0)).toBe(0);
  expect(await standsAt()).toBe(2);
});

it('leaves the groups of an installation whose prefix only begins like ours', async () => {
  await rewindTo(times[0] ?? 0);
  expect([await standsAt(), await standsAt(neighbour)]).toEqual([1, 4]);
});

it('refuses while a service reads, and sets nothing back', async () => {
  const reading = await readToEnd(groupId);
  await expect(rewindTo(times[0] ?? 0)).rejects.toMatchObject({ code: 'groups_in_use' });
  expect(await standsAt()).toBe(4);
  await reading.stop();
  expect(await rewindTo(times[0] ?? 0)).toBe(1);
});

it('sets a group back to where it stood when that is earlier than the time, and to the log’s beginning at most', async () => {
  const stood = async () =>
    (await savePlaces({ brokers: [broker], topicPrefix: prefix, groupPrefix: prefix })).filter(
      ({ topic: name }) => name === topic,
    );
  await rewindTo(times[1] ?? 0);
  const before = await stood();
  expect(before.map(({ offset }) => offset).toSorted()).toEqual(['0', '1']);
  await (await readToEnd(groupId)).stop();
  expect(await rewindTo(times[2] ?? 0, before)).toBe(1);
  expect(await stood()).toEqual(before);
  await (await readToEnd(groupId)).stop();
  expect(await rewindTo(times[0] ?? 0, before)).toBe(1);
  expect(await standsAt()).toBe(1);

  await (await readToEnd(groupId)).stop();
  home = before.find(({ offset }) => offset !== '0')?.partition ?? 0;
  await withAdmin(broker, async (admin) => {
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: home, offset: '2' }] });
  });
  expect(await rewindTo(0, before)).toBe(1);
  expect(await standsAt()).toBe(2);
});

/** As though the topic had held more, and was made anew; or its oldest events were gone before they were read. */
async function setTo(offset: number): Promise<void> {
  // kafkajs would read for five seconds first.
  const admin = new Admin({ clientId: 'rewind-test', bootstrapBrokers: [broker] });
  const partitionOffsets = [{ partition: home, offset: BigInt(offset) }];
  await admin.alterConsumerGroupOffsets({ groupId, topics: [{ name: topic, partitionOffsets }] });
  await admin.close();
}

it.each([
  ['beyond the end of a log that was made anew', 9],
  ['before the beginning of one whose oldest events are gone', 1],
])('a group %s stops; looked at it stays there, set it reads all that the log has', async (_, offset) => {
  await setTo(offset);
  const stuck = await join(broker, { groupId, topics: [topic], handle: async () => undefined });
  expect(await stuck.fatal).toMatchObject({ code: 'offset_lost' });
  await stuck.stop();

  const lost = { group: groupId, topic, partition: home, committed: BigInt(offset), first: 2n };
  const options = { brokers: [broker], groupPrefix: prefix };
  expect(await lostPlaces(options, false)).toEqual([lost]);
  expect(await standsAt()).toBe(offset);
  expect(await lostPlaces(options, true)).toEqual([lost]);
  expect(await lostPlaces(options, true)).toEqual([]);
  await (await readToEnd(groupId)).stop();
});

it.each([9, 1])('a group at offset %i of a log that has 2 to 4 reads on after a rewind', async (offset) => {
  await setTo(offset);
  expect(await rewindTo(Date.now() + 60_000)).toBe(1);
  expect(await standsAt()).toBe(2);
  await (await readToEnd(groupId)).stop();
});
