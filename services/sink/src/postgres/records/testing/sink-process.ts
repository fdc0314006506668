import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnv, freePort } from '@switchboard/embedded';
import {
  createCodec,
  createProducer,
  ensureTopics,
  fullTopicName,
  groupOf,
  readLag,
  registerSchemas,
  type TopicName,
} from '@switchboard/kafka';
import type { MessageEnriched, RecordReceived } from '@switchboard/schemas';

interface Engines {
  kafka: string;
  schemaRegistry: string;
}

/** The sink as a process of its own, with topics of its own, and everything that it prints. */
export async function createSinkProcess(engines: Engines, databaseUrl: string) {
  const prefix = `t${randomUUID().slice(0, 8)}.`;
  const cacheDir = mkdtempSync(join(tmpdir(), 'switchboard-schemas-'));
  const brokers = [engines.kafka];
  await registerSchemas({ registryUrl: engines.schemaRegistry, prefix });
  await ensureTopics({ brokers, prefix, partitions: 2, replicationFactor: 1 });
  const codec = createCodec({ registryUrl: engines.schemaRegistry, prefix, cacheDir });
  const producer = createProducer({ brokers, clientId: 'test', deadlineMs: 20_000 });
  await producer.connect();
  const port = await freePort();
  const key = Buffer.alloc(32, 9).toString('base64');
  let child: ChildProcess | undefined;
  let printed = '';

  return {
    prefix,
    url: `http://127.0.0.1:${port}`,
    printed: () => printed,
    start(): void {
      const started = spawn(process.execPath, [fileURLToPath(new URL('../../main.ts', import.meta.url))], {
        cwd: cacheDir,
        env: childEnv({
          PORT: String(port),
          LOG_LEVEL: 'trace',
          DATABASE_URL: databaseUrl,
          KAFKA_BROKERS: engines.kafka,
          SCHEMA_REGISTRY_URL: engines.schemaRegistry,
          KAFKA_TOPIC_PREFIX: prefix,
          KAFKA_GROUP_PREFIX: prefix,
          SCHEMA_CACHE_DIR: cacheDir,
          SECRETS_KEY: key,
          PSEUDONYM_KEY: key,
        }),
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      for (const stream of [started.stdout, started.stderr])
        stream.on('data', (data: Buffer) => {
          printed += data.toString();
        });
      child = started;
    },
    async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
      if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
      child.kill(signal);
      await once(child, 'exit');
      return child.exitCode;
    },
    async send(
      topic: 'record.received.v1' | 'record.import.v1',
      events: readonly RecordReceived[],
    ): Promise<void> {
      const name = fullTopicName(prefix, topic);
      const payloadOf = (record: RecordReceived, index: number) =>
        topic === 'record.import.v1' ? { import_id: randomUUID(), line: index + 2, record } : record;
      await Promise.all(
        events.map(async (event, index) =>
          producer.send({
            topic: name,
            key: `${event.tenant_id}:${event.entity_key}`,
            value: await codec.encode(name, payloadOf(event, index)),
            headers: { 'event-id': event.event_id, 'tenant-id': event.tenant_id },
          }),
        ),
      );
    },
    async sendMessages(events: readonly MessageEnriched[]): Promise<void> {
      const name = fullTopicName(prefix, 'message.enriched.v1');
      await Promise.all(
        events.map(async (enriched) =>
          producer.send({
            topic: name,
            key: `${enriched.event.tenant_id}:${enriched.contact_phone}`,
            value: await codec.encode(name, enriched),
            headers: { 'event-id': enriched.event_id, 'tenant-id': enriched.event.tenant_id },
          }),
        ),
      );
    },
    /** How many events of all partitions its group has passed. */
    async committed(topic: TopicName): Promise<number> {
      const groupId = groupOf(prefix, topic);
      const positions = await readLag({ brokers, groupId, topics: [fullTopicName(prefix, topic)] });
      return positions.reduce((sum, { committed }) => sum + Number(committed ?? 0), 0);
    },
    sendBytes: (topic: TopicName, value: Buffer) =>
      producer.send({ topic: fullTopicName(prefix, topic), key: 'poison', value }),
    async close(): Promise<void> {
      await this.end('SIGKILL');
      await producer.close();
      rmSync(cacheDir, { recursive: true });
    },
  };
}
