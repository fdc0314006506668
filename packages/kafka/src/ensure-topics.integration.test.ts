import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { createSealer } from '@switchboard/platform';
import type { DeadLetter } from '@switchboard/schemas';
import kafkajs from 'kafkajs';
import { describe, expect, inject, it } from 'vitest';
import { join, logger, withAdmin } from './contract/kit.ts';
import {
  createCodec,
  createProducer,
  ensureTopics,
  registerSchemas,
  sendDeadLetter,
  topics,
} from './index.ts';

const { kafka: broker, schemaRegistry: registryUrl } = inject('engines');

it('a group that was away for longer than topics keep events still has its place, and learns what it lost', async () => {
  const resource = { type: kafkajs.ConfigResourceTypes.BROKER, name: '1' };
  const { resources } = await withAdmin(broker, (admin) =>
    admin.describeConfigs({ includeSynonyms: false, resources: [resource] }),
  );
  const entries = resources.flatMap(({ configEntries }) => configEntries);
  const minutes = Number(entries.find((one) => one.configName === 'offsets.retention.minutes')?.configValue);
  const longest = Math.max(...topics.map(({ retentionMs }) => retentionMs));
  expect(minutes * 60_000).toBeGreaterThanOrEqual(2 * longest);
});

const patience = { timeout: 20_000 };

describe('ensureTopics', () => {
  it('makes every topic as listed, and mends what has drifted without touching partitions or what an operator set', async () => {
    const prefix = `topics-${randomUUID()}.`;
    await ensureTopics({ brokers: [broker], prefix, partitions: 2 });
    const name = `${prefix}dead-letter.v1`;
    const resource = { type: kafkajs.ConfigResourceTypes.TOPIC, name };
    const settings = async () => {
      const { resources } = await withAdmin(broker, (admin) =>
        admin.describeConfigs({ includeSynonyms: false, resources: [resource] }),
      );
      const entries = resources[0]?.configEntries ?? [];
      return Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]));
    };
    await withAdmin(broker, (admin) =>
      admin.alterConfigs({
        validateOnly: false,
        resources: [
          {
            ...resource,
            configEntries: [
              { name: 'retention.ms', value: '1000' },
              { name: 'min.insync.replicas', value: '2' },
              { name: 'segment.ms', value: '3600000' },
            ],
          },
        ],
      }),
    );
    // A broker tells of a change when it has read it from the controller's log.
    await expect.poll(settings, patience).toMatchObject({ 'retention.ms': '1000' });
    await ensureTopics({ brokers: [broker], prefix, partitions: 5 });
    const metadata = await withAdmin(broker, (admin) =>
      admin.fetchTopicMetadata({ topics: topics.map((topic) => `${prefix}${topic.name}`) }),
    );
    expect(metadata.topics.map(({ partitions }) => partitions.length)).toEqual(topics.map(() => 2));
    await expect.poll(settings, patience).toMatchObject({
      'retention.ms': '604800000',
      'max.message.bytes': '8388608',
      // Fewer must never be enough because a broker is away at this moment.
      'min.insync.replicas': '2',
      'segment.ms': '3600000',
    });
  });

  it('waits for nobody: an unreachable broker is a passing fault', async () => {
    const ensured = ensureTopics({ brokers: ['127.0.0.1:1'], prefix: 'x.' });
    await expect(ensured).rejects.toMatchObject({ code: 'broker_unavailable', retryable: true });
  });
});

describe('sendDeadLetter', () => {
  it('puts the sealed event on its topic, keyed by its id', async () => {
    const prefix = `letters-${randomUUID()}.`;
    const cacheDir = await mkdtemp(joinPath(tmpdir(), 'switchboard-letters-'));
    await ensureTopics({ brokers: [broker], prefix });
    await registerSchemas({ registryUrl, prefix });
    const codec = createCodec({ registryUrl, prefix, cacheDir });
    const producer = createProducer({ brokers: [broker], clientId: 'letters', logger, deadlineMs: 10_000 });
    const sealer = createSealer(randomBytes(32));
    const sent = await sendDeadLetter(
      { producer, codec, prefix, sealer },
      {
        tenantId: randomUUID(),
        stage: 'ingest',
        reason: 'not_json',
        source: 'zoice',
        body: Buffer.from('{"broken'),
        contentType: 'application/json',
      },
    );
    const given = Promise.withResolvers<{ key: string | null; letter: DeadLetter }>();
    const consumer = await join(broker, {
      topics: [`${prefix}dead-letter.v1`],
      async handle({ topic, messages: [message] }) {
        if (message) given.resolve({ key: message.key, letter: await codec.decode(topic, message.value) });
      },
    });
    const { key, letter } = await given.promise;
    expect(letter).toEqual(sent);
    expect(key).toBe(letter.dead_letter_id);
    expect(sealer.open(letter.sealed).toString()).toBe('{"broken');
    await consumer.stop();
    await producer.close();
    await rm(cacheDir, { recursive: true, force: true });
  });
});
