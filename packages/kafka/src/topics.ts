import { SwitchboardError } from '@switchboard/platform/errors';
import { type TopicName, topicNames } from '@switchboard/schemas';

export type { TopicName };

/** What a topic promises; `ensureTopics` makes it so. */
export interface TopicSpec {
  /** Without prefix; also the name of its schema file. */
  name: TopicName;
  /** Where KAFKA_PARTITIONS is not set. More partitions later would change every key's place. */
  partitions: number;
  /** How long events stay, which also bounds how long an erased patient's events do. */
  retentionMs: number;
  /** Largest record batch that the broker takes. */
  maxMessageBytes: number;
}

const day = 86_400_000;
const mebibyte = 1_048_576;

/** Largest record batch of any topic, in bytes; a request's messages for one partition form one batch. */
export const maxMessageBytes = 8 * mebibyte;

const common = { retentionMs: 7 * day, maxMessageBytes };

/** Every topic there is, and what its keys are made of: events of one key stay in order. Schemas are registered under `<full name>-value`. */
export const topics: readonly TopicSpec[] = [
  { name: 'voice-call.received.v1', partitions: 6, ...common }, // tenant_id:call_id
  { name: 'voice-call.enriched.v1', partitions: 6, ...common }, // tenant_id:call_id
  { name: 'message.received.v1', partitions: 6, ...common }, // tenant_id:contact_key
  { name: 'message.enriched.v1', partitions: 6, ...common }, // tenant_id:contact_key
  { name: 'record.received.v1', partitions: 6, ...common }, // tenant_id:entity_key
  { name: 'record.import.v1', partitions: 6, ...common }, // tenant_id:entity_key
  { name: 'dead-letter.v1', partitions: 3, ...common }, // dead_letter_id
];

/** In production: three copies, two of which must have an event before it is acknowledged. */
export const production = { replicationFactor: 3, minInsyncReplicas: 2 };

/** The name on the broker: `('switchboard.', 'dead-letter.v1')` → `switchboard.dead-letter.v1`. */
export function fullTopicName(prefix: string, name: TopicName): string {
  return `${prefix}${name}`;
}

/** The registry's subject of a topic's values. */
export function subjectOf(prefix: string, name: TopicName): string {
  return `${fullTopicName(prefix, name)}-value`;
}

/**
 * The topic that a name means, with or without prefix.
 * @throws SwitchboardError `unknown_topic`
 */
export function topicOf(prefix: string, name: string): TopicName {
  const bare = name.startsWith(prefix) ? name.slice(prefix.length) : name;
  const found = topicNames.find((topic) => topic === bare || topic === name);
  if (!found) throw new SwitchboardError('unknown_topic', `there is no topic ${name} in topics.ts`);
  return found;
}
