import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnv, freePort } from '@switchboard/embedded';
import {
  createCodec,
  createProducer,
  ensureTopics,
  groupOf,
  readLag,
  registerSchemas,
  runConsumer,
} from '@switchboard/kafka';
import { createLogger, sleep } from '@switchboard/platform';
import type {
  DeadLetter,
  MessageEnriched,
  MessageReceived,
  VoiceCallEnriched,
  VoiceCallReceived,
} from '@switchboard/schemas';

interface Engines {
  kafka: string;
  schemaRegistry: string;
}

/** Enrichment as a process of its own, with topics of one partition of its own, and what it sends. */
export async function createEnrichProcess(engines: Engines, databaseUrl: string, main: URL) {
  const prefix = `enrich-${randomBytes(4).toString('hex')}.`;
  const received = `${prefix}voice-call.received.v1`;
  const brokers = [engines.kafka];
  const logger = createLogger({ service: 'test', level: 'silent' });
  const cacheDir = await mkdtemp(join(tmpdir(), 'enrich-test-'));
  await registerSchemas({ registryUrl: engines.schemaRegistry, prefix });
  await ensureTopics({ brokers, prefix, partitions: 1 });
  const codec = createCodec({ registryUrl: engines.schemaRegistry, prefix, cacheDir });
  const producer = createProducer({ brokers, clientId: 'test', deadlineMs: 20_000 });
  const enriched: VoiceCallEnriched[] = [];
  const enrichedMessages: MessageEnriched[] = [];
  const letters: DeadLetter[] = [];
  const collect = async <T>(topic: string, into: T[]) => {
    const consumer = await runConsumer({
      brokers,
      groupId: `${prefix}test-${topic}`,
      topics: [prefix + topic],
      async handle(batch) {
        for (const { value } of batch.messages) into.push(await codec.decode<T>(batch.topic, value));
      },
      logger,
    });
    await consumer.joined;
    return consumer;
  };
  const readers = [
    await collect('voice-call.enriched.v1', enriched),
    await collect('message.enriched.v1', enrichedMessages),
    await collect('dead-letter.v1', letters),
  ];
  const port = await freePort();
  const start = (): ChildProcess =>
    spawn(process.execPath, [fileURLToPath(main)], {
      env: childEnv({
        PORT: String(port),
        KAFKA_BROKERS: engines.kafka,
        KAFKA_TOPIC_PREFIX: prefix,
        KAFKA_GROUP_PREFIX: prefix,
        SCHEMA_REGISTRY_URL: engines.schemaRegistry,
        SCHEMA_CACHE_DIR: cacheDir,
        DATABASE_URL: databaseUrl,
        SECRETS_KEY: Buffer.alloc(32, 9).toString('base64'),
        PSEUDONYM_KEY: Buffer.alloc(32, 9).toString('base64'),
      }),
      stdio: 'ignore',
    });
  async function sendAll<E extends { event_id: string; tenant_id: string }>(
    topic: string,
    events: readonly E[],
    keyOf: (event: E) => string,
  ): Promise<void> {
    const values = await Promise.all(events.map((event) => codec.encode(topic, event)));
    await Promise.all(
      events.map((event, at) =>
        producer.send({
          topic,
          key: `${event.tenant_id}:${keyOf(event)}`,
          value: values[at] ?? Buffer.alloc(0),
          headers: { 'event-id': event.event_id, 'tenant-id': event.tenant_id },
        }),
      ),
    );
  }
  let child = start();
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const closing = new AbortController();

  return {
    prefix,
    enriched,
    enrichedMessages,
    letters,
    metrics: async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text(),
    /** In this order, into its one partition. */
    send: (events: readonly VoiceCallReceived[]) => sendAll(received, events, ({ call_id }) => call_id),
    sendMessages: (events: readonly MessageReceived[]) =>
      sendAll(`${prefix}message.received.v1`, events, ({ contact_key }) => contact_key),
    sendBytes: (value: Buffer) => producer.send({ topic: received, key: 'poison', value }),
    /** How many events its group has passed; 0 when it has committed nothing yet. */
    async committed(): Promise<number> {
      const groupId = groupOf(prefix, 'voice-call.received.v1');
      const [position] = await readLag({ brokers, groupId, topics: [received] });
      return Number(position?.committed ?? 0);
    },
    /** Does what a supervisor does until it is closed: starts it again each time that it ended. @param ended told of each end */
    async supervise(ended: () => void): Promise<void> {
      for (; !closing.signal.aborted; await sleep(100, closing.signal)) {
        if (!hasEnded()) continue;
        ended();
        child = start();
      }
    },
    async close(): Promise<void> {
      closing.abort();
      if (!hasEnded()) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      for (const reader of readers) await reader.stop();
      await producer.close();
      await rm(cacheDir, { recursive: true, force: true });
    },
  };
}
