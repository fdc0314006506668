import { randomUUID } from 'node:crypto';
import { sleep } from '@switchboard/platform';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { createProducer, type Producer, readLag } from '../index.ts';
import { join, logger, type Member, makeTopic, until } from './kit.ts';
import { startMember } from './start-member.ts';

const broker = inject('engines').kafka;
const partitions = 6;
let producer: Producer;
const members: Member[] = [];
const ending = new AbortController();

beforeAll(async () => {
  producer = createProducer({ brokers: [broker], clientId: 'contract', logger, deadlineMs: 30_000 });
  await producer.connect();
});
afterEach(async () => {
  await Promise.all(members.splice(0).map((member) => member.stop()));
});
afterAll(async () => {
  ending.abort();
  await producer.close();
});

interface Handled {
  partition: number;
  offset: number;
  by: string;
}

/** A topic under load, and a group whose members note each record with its place. */
async function createScene() {
  const topic = await makeTopic(broker, { partitions });
  const groupId = `contract.${randomUUID()}`;
  const handled: Handled[] = [];
  let sent = 0;
  let sending = true;
  const load = (async () => {
    while (sending && !ending.signal.aborted) {
      const batch = Array.from({ length: 20 }, () => String(sent++));
      await Promise.all(batch.map((text) => producer.send({ topic, key: text, value: Buffer.from(text) })));
    }
  })();
  load.catch(() => undefined);
  let names = 0;
  return {
    topic,
    groupId,
    handled,
    async enlist(): Promise<Member> {
      names += 1;
      const by = `member ${names}`;
      const member = await join(broker, {
        topics: [topic],
        groupId,
        sessionTimeoutMs: 6_000,
        maxBatchMessages: 25,
        async handle({ partition, messages }) {
          await sleep(5);
          for (const { offset } of messages) handled.push({ partition, offset: Number(offset), by });
        },
      });
      members.push(member);
      return member;
    },
    /** Who is there has partitions, all of them together have all, none has another's. */
    shared: (all: readonly Member[]) =>
      until(
        `${all.length} members share ${partitions} partitions`,
        () => {
          const held = all.map((member) => member.assignments()[topic] ?? []);
          return (
            held.every((own) => own.length > 0) &&
            held.flat().toSorted().join() === Array.from({ length: partitions }, (_, at) => at).join()
          );
        },
        60_000,
      ),
    /** More is handled by each of them than it was. */
    async goesOn() {
      const before = handled.length;
      await until('records are handled', () => handled.length > before + 200, 60_000);
    },
    /** Ends the load, and waits until the group has committed everything. */
    async drained() {
      sending = false;
      await load;
      const lag = async () =>
        (await readLag({ brokers: [broker], groupId, topics: [topic] })).reduce(
          (sum, one) => sum + one.lag,
          0,
        );
      await until('no lag is left', async () => (await lag()) === 0, 60_000);
      return sent;
    },
  };
}

/** Where each record lies, and how often it was handled there. */
function countPlaces(handled: readonly Handled[]): Map<string, number> {
  const places = new Map<string, number>();
  for (const { partition, offset } of handled) {
    const place = `${partition}/${offset}`;
    places.set(place, (places.get(place) ?? 0) + 1);
  }
  return places;
}

it('members that join and leave in order, one to three and back, handle each record once, in its partition’s order', {
  timeout: 300_000,
}, async () => {
  const scene = await createScene();
  const first = await scene.enlist();
  await scene.shared([first]);
  for (let round = 0; round < 2; round += 1) {
    const second = await scene.enlist();
    await scene.shared([first, second]);
    await scene.goesOn();
    const third = await scene.enlist();
    await scene.shared([first, second, third]);
    await scene.goesOn();
    await second.stop();
    await scene.shared([first, third]);
    await scene.goesOn();
    await third.stop();
    await scene.shared([first]);
    await scene.goesOn();
  }
  const sent = await scene.drained();
  const places = countPlaces(scene.handled);
  expect(places.size).toBe(sent);
  expect([...places].filter(([, times]) => times > 1)).toEqual([]);
  expect(scene.handled).toHaveLength(sent);
  for (let partition = 0; partition < partitions; partition += 1) {
    const offsets = scene.handled.filter((one) => one.partition === partition).map(({ offset }) => offset);
    expect(offsets).toEqual(Array.from({ length: offsets.length }, (_, at) => at));
  }
  expect(new Set(scene.handled.map(({ by }) => by)).size).toBe(5);
});

it('a member that is killed with a batch in hand loses nothing: the others take its partitions and its batch', {
  timeout: 300_000,
}, async () => {
  const scene = await createScene();
  const killed = startMember({ broker, topic: scene.topic, groupId: scene.groupId, sessionTimeoutMs: 6_000 });
  try {
    await killed.says('in hand', 120_000);
  } finally {
    killed.child.kill('SIGKILL');
  }
  const [first, second] = [await scene.enlist(), await scene.enlist()];
  await scene.shared([first, second]);
  await scene.goesOn();
  const sent = await scene.drained();
  const places = countPlaces(scene.handled);
  expect(places.size).toBe(sent);
  expect(scene.handled).toHaveLength(sent);
});
