import { afterEach, expect, inject, it } from 'vitest';
import { createProducer, type Producer } from '../index.ts';
import { join, logger, type Member, makeTopic, until, withAdmin } from './kit.ts';

const broker = inject('engines').kafka;
const KEYS = 40;
const [FEW, MORE] = [2, 6];
const producers: Producer[] = [];
let member: Member | undefined;

afterEach(async () => {
  await member?.stop();
  await Promise.all(producers.splice(0).map((producer) => producer.close()));
});

async function openProducer(): Promise<Producer> {
  const producer = createProducer({ brokers: [broker], clientId: 'contract', logger, deadlineMs: 30_000 });
  await producer.connect();
  producers.push(producer);
  return producer;
}

it('partitions added under load: who sends and who reads goes on, each message is handled, and what was in the new ones before they were known too', async () => {
  const topic = await makeTopic(broker, { partitions: FEW });
  const handled: { partition: number; offset: number; text: string }[] = [];
  member = await join(broker, {
    topics: [topic],
    async handle({ partition, messages }) {
      for (const { offset, value } of messages)
        handled.push({ partition, offset: Number(offset), text: value.toString() });
    },
  });
  let sent = 0;
  const sendAll = async (producer: Producer) => {
    const batch = Array.from({ length: KEYS }, (_, key) => ({ key: `key ${key}`, text: String(sent++) }));
    await Promise.all(batch.map(({ key, text }) => producer.send({ topic, key, value: Buffer.from(text) })));
  };
  const before = await openProducer();
  for (let round = 0; round < 5; round += 1) await sendAll(before);
  await until('all is handled', () => handled.length >= sent);

  await withAdmin(broker, (admin) => admin.createPartitions({ topicPartitions: [{ topic, count: MORE }] }));
  // As an ingest that was started again, beside one that was not.
  const after = await openProducer();
  for (let round = 0; round < 5; round += 1) {
    await sendAll(before);
    await sendAll(after);
  }
  const distinct = () => new Set(handled.map(({ text }) => text)).size;
  await until('all is handled, of the new partitions too', () => distinct() === sent, 180_000);

  expect(new Set(handled.map(({ partition }) => partition)).size).toBe(MORE);
  for (let partition = 0; partition < MORE; partition += 1) {
    const offsets = new Set(handled.filter((one) => one.partition === partition).map(({ offset }) => offset));
    expect([...offsets]).toEqual(Array.from({ length: offsets.size }, (_, offset) => offset));
  }
});
