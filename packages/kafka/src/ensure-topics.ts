import type { Logger } from '@switchboard/platform';
import kafkajs, { type Admin } from 'kafkajs';
import { brokerUnavailable } from './access-fault.ts';
import type { BrokerAccess } from './broker-access.ts';
import { createConnection } from './connection.ts';
import { fullTopicName, production, type TopicSpec, topics } from './topics.ts';

export interface EnsureTopicsOptions extends BrokerAccess {
  /** Of topic names, e.g. `switchboard.`. */
  prefix: string;
  /** For every topic, in place of its own number (KAFKA_PARTITIONS). */
  partitions?: number;
  /**
   * Copies of a topic made now (KAFKA_REPLICATION_FACTOR). Unless given as many as the other topics have, or three
   * where there are so many brokers, else one.
   */
  replicationFactor?: number;
  logger?: Logger;
}

/**
 * Makes every topic of `topics.ts` that is missing, and sets retention and size of those that are there. The number
 * of partitions of an existing topic stays: changing it would move keys and break their order. Copies that must be in
 * sync follow from the copies that a topic has, not from the brokers that happen to be up, and are never made fewer; what
 * an operator set besides stays.
 * @throws SwitchboardError `broker_unavailable` (retryable), `broker_access_refused`
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
    const names = new Set(await admin.listTopics());
    const missing = topics.filter(({ name }) => !names.has(fullTopicName(options.prefix, name)));
    const present = topics.filter((spec) => !missing.includes(spec));
    const copies = await copiesOf(admin, options.prefix, present);
    if (missing.length > 0) {
      const replicationFactor = options.replicationFactor ?? (await usualCopies(admin, copies));
      await admin.createTopics({
        waitForLeaders: true,
        topics: missing.map((spec) => ({
          topic: fullTopicName(options.prefix, spec.name),
          numPartitions: options.partitions ?? spec.partitions,
          replicationFactor,
          configEntries: entriesOf(settingsOf(spec, replicationFactor)),
        })),
      });
    }
    if (present.length > 0) await applySettings(admin, options.prefix, present, copies);
  } catch (cause) {
    throw brokerUnavailable('topics could not be made', cause);
  } finally {
    await admin.disconnect().catch(() => {});
    connection.destroy();
  }
}

type Settings = Record<string, string>;
type CopiesByTopic = ReadonlyMap<string, number>;

/** How many copies each of these topics has, by its full name. */
async function copiesOf(admin: Admin, prefix: string, specs: readonly TopicSpec[]): Promise<CopiesByTopic> {
  if (specs.length === 0) return new Map();
  const names = specs.map(({ name }) => fullTopicName(prefix, name));
  const { topics: described } = await admin.fetchTopicMetadata({ topics: names });
  return new Map(
    described.map(({ name, partitions }) => [
      name,
      Math.min(...partitions.map(({ replicas }) => replicas.length)),
    ]),
  );
}

/** A cluster too small for production's promise is a developer's, unless its topics say that brokers are missing. */
async function usualCopies(admin: Admin, copies: CopiesByTopic): Promise<number> {
  const { brokers } = await admin.describeCluster();
  const bySize = brokers.length >= production.replicationFactor ? production.replicationFactor : 1;
  return Math.max(bySize, ...copies.values());
}

function settingsOf(spec: TopicSpec, copies: number): Settings {
  const enough = copies >= production.replicationFactor;
  return {
    'cleanup.policy': 'delete',
    'retention.ms': String(spec.retentionMs),
    'max.message.bytes': String(spec.maxMessageBytes),
    'min.insync.replicas': String(enough ? production.minInsyncReplicas : 1),
  };
}

async function applySettings(
  admin: Admin,
  prefix: string,
  specs: readonly TopicSpec[],
  copies: CopiesByTopic,
): Promise<void> {
  const type = kafkajs.ConfigResourceTypes.TOPIC;
  const names = specs.map((spec) => fullTopicName(prefix, spec.name));
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: names.map((name) => ({ type, name })),
  });
  const drifted = specs.flatMap((spec) => {
    const name = fullTopicName(prefix, spec.name);
    const entries = resources.find(({ resourceName }) => resourceName === name)?.configEntries ?? [];
    const found = Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]));
    const wanted = settingsOf(spec, copies.get(name) ?? 1);
    const least = Math.max(Number(wanted['min.insync.replicas']), Number(found['min.insync.replicas'] ?? 0));
    wanted['min.insync.replicas'] = String(least);
    if (Object.entries(wanted).every(([key, value]) => found[key] === value)) return [];
    // The request replaces all that is set on the topic itself.
    const own = entries.filter(({ configSource }) => String(configSource) === SET_ON_TOPIC);
    const kept = Object.fromEntries(own.map(({ configName, configValue }) => [configName, configValue]));
    return [{ type, name, configEntries: entriesOf({ ...kept, ...wanted }) }];
  });
  if (drifted.length > 0) await admin.alterConfigs({ validateOnly: false, resources: drifted });
}

/** Kafka's `DYNAMIC_TOPIC_CONFIG`; kafkajs's types call it a text, its decoder a number. */
const SET_ON_TOPIC = '1';

function entriesOf(settings: Settings): { name: string; value: string }[] {
  return Object.entries(settings).map(([name, value]) => ({ name, value }));
}
