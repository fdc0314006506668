import { type Logger, SwitchboardError } from '@switchboard/platform';
import kafkajs, { type Admin } from 'kafkajs';
import type { BrokerAccess } from './broker-access.ts';
import { createConnection } from './connection.ts';
import { fullTopicName, production, type TopicSpec, topics } from './topics.ts';

export interface EnsureTopicsOptions extends BrokerAccess {
  /** Of topic names, e.g. `switchboard.`. */
  prefix: string;
  /** For every topic, in place of its own number (KAFKA_PARTITIONS). */
  partitions?: number;
  logger?: Logger;
}

/**
 * Makes every topic of `topics.ts` that is missing, and sets retention and size of those that are there. The number
 * of partitions of an existing topic stays: changing it would move keys and break their order.
 * @throws SwitchboardError `broker_unavailable` (retryable)
 */
export async function ensureTopics(options: EnsureTopicsOptions): Promise<void> {
  const connection = createConnection({
    brokers: options.brokers,
    tls: options.tls,
    sasl: options.sasl,
    clientId: 'switchboard-topics',
    logger: options.logger,
    requestTimeoutMs: 10_000,
    retry: { retries: 8, initialRetryTime: 100, maxRetryTime: 1_000 },
  });
  const admin = connection.kafka.admin();
  try {
    await admin.connect();
    const copies = await copiesFor(admin);
    const names = new Set(await admin.listTopics());
    const missing = topics.filter(({ name }) => !names.has(fullTopicName(options.prefix, name)));
    if (missing.length > 0) {
      await admin.createTopics({
        waitForLeaders: true,
        topics: missing.map((spec) => ({
          topic: fullTopicName(options.prefix, spec.name),
          numPartitions: options.partitions ?? spec.partitions,
          replicationFactor: copies.replicationFactor,
          configEntries: settingsOf(spec, copies.minInsyncReplicas),
        })),
      });
    }
    const present = topics.filter((spec) => !missing.includes(spec));
    if (present.length > 0) await applySettings(admin, options.prefix, present, copies.minInsyncReplicas);
  } catch (cause) {
    throw new SwitchboardError('broker_unavailable', 'topics could not be made', { retryable: true, cause });
  } finally {
    await admin.disconnect().catch(() => {});
    connection.destroy();
  }
}

interface Copies {
  replicationFactor: number;
  minInsyncReplicas: number;
}

/** A cluster too small for production's promise is a developer's: one copy. */
async function copiesFor(admin: Admin): Promise<Copies> {
  const { brokers } = await admin.describeCluster();
  return brokers.length >= production.replicationFactor
    ? production
    : { replicationFactor: 1, minInsyncReplicas: 1 };
}

function settingsOf(spec: TopicSpec, minInsyncReplicas: number): { name: string; value: string }[] {
  return [
    { name: 'cleanup.policy', value: 'delete' },
    { name: 'retention.ms', value: String(spec.retentionMs) },
    { name: 'max.message.bytes', value: String(spec.maxMessageBytes) },
    { name: 'min.insync.replicas', value: String(minInsyncReplicas) },
  ];
}

async function applySettings(
  admin: Admin,
  prefix: string,
  specs: readonly TopicSpec[],
  minInsyncReplicas: number,
): Promise<void> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: specs.map(({ name }) => ({
      type: kafkajs.ConfigResourceTypes.TOPIC,
      name: fullTopicName(prefix, name),
    })),
  });
  const drifted = specs.filter((spec) => {
    const entries = resources.find(({ resourceName }) => resourceName === fullTopicName(prefix, spec.name));
    return settingsOf(spec, minInsyncReplicas).some(({ name, value }) => {
      const entry = entries?.configEntries.find(({ configName }) => configName === name);
      return entry?.configValue !== value;
    });
  });
  if (drifted.length === 0) return;
  await admin.alterConfigs({
    validateOnly: false,
    resources: drifted.map((spec) => ({
      type: kafkajs.ConfigResourceTypes.TOPIC,
      name: fullTopicName(prefix, spec.name),
      configEntries: settingsOf(spec, minInsyncReplicas),
    })),
  });
}
