import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, createSealer } from '@switchboard/platform';
import type { DeadLetter } from '@switchboard/schemas';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { avroContentType } from './avro-content.ts';
import { failedMessage, sendDeadLetter } from './dead-letter.ts';
import {
  type Codec,
  createCodec,
  createProducer,
  ensureTopics,
  type Producer,
  registerSchemas,
  runConsumer,
} from './index.ts';
import { maxMessageBytes } from './topics.ts';

const prefix = `letters-${randomBytes(4).toString('hex')}.`;
const sealer = createSealer(randomBytes(32));
let brokers: string[];
let cacheDir: string;
let producer: Producer;
let codec: Codec;

beforeAll(async () => {
  const engines = inject('engines');
  brokers = [engines.kafka];
  cacheDir = await mkdtemp(join(tmpdir(), 'switchboard-letters-'));
  await ensureTopics({ brokers, prefix, partitions: 1, replicationFactor: 1 });
  await registerSchemas({ registryUrl: engines.schemaRegistry, prefix });
  codec = createCodec({ registryUrl: engines.schemaRegistry, prefix, cacheDir });
  producer = createProducer({ brokers, clientId: 'letters', deadlineMs: 15_000 });
  await producer.connect();
});
afterAll(async () => {
  await producer.close();
  await rm(cacheDir, { recursive: true, force: true });
});

it('a poison event that is too large for a letter is told of without its bytes, and holds up nothing behind it', async () => {
  // By our count too large, and by the broker's alone.
  for (const spare of [0, 700, 800, 900]) {
    const value = Buffer.alloc(maxMessageBytes - spare, 'x');
    const message = { key: 'k', value, headers: {}, partition: 2, offset: String(spare), timestamp: 1 };
    await sendDeadLetter(
      { producer, codec, prefix, sealer },
      {
        ...failedMessage(prefix, `${prefix}voice-call.received.v1`, message),
        ...{ stage: 'enrich', reason: 'not_avro', detail: 'not_avro' },
      },
    );
  }
  const letters: DeadLetter[] = [];
  const consumer = await runConsumer({
    brokers,
    groupId: `${prefix}reader`,
    topics: [`${prefix}dead-letter.v1`],
    logger: createLogger({ service: 'reader', level: 'silent' }),
    async handle({ topic, messages }) {
      for (const { value } of messages) letters.push(await codec.decode<DeadLetter>(topic, value));
    },
  });
  await expect.poll(() => letters.length, { timeout: 20_000, interval: 20 }).toBe(4);
  await consumer.stop();
  expect(letters[0]).toMatchObject({
    reason: 'not_avro',
    content_type: avroContentType,
    detail: `not_avro; the original is too large for a letter: topic ${prefix}voice-call.received.v1, partition 2, offset 0`,
    sealed: Buffer.alloc(0),
  });
});
