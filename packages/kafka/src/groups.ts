import { type TopicName, topicNames } from '@switchboard/schemas';

/** The services that read topics. */
export type ReadingService = 'enrich' | 'sink-postgres';

/** Who reads a topic. */
export interface TopicGroup {
  /** Without prefix. */
  topic: TopicName;
  /** Without prefix. */
  group: string;
  service: ReadingService;
}

const readers: Record<TopicName, { group: string; service: ReadingService }> = {
  'voice-call.received.v1': { group: 'enrich', service: 'enrich' },
  'message.received.v1': { group: 'enrich-messages', service: 'enrich' },
  'voice-call.enriched.v1': { group: 'sink-postgres', service: 'sink-postgres' },
  'message.enriched.v1': { group: 'sink-messages', service: 'sink-postgres' },
  'record.received.v1': { group: 'sink-records', service: 'sink-postgres' },
  'record.import.v1': { group: 'sink-import', service: 'sink-postgres' },
  'dead-letter.v1': { group: 'sink-dead-letters', service: 'sink-postgres' },
};

/** Every topic with the one group that reads it, in the order of an event's way. */
export const topicGroups: readonly TopicGroup[] = topicNames.map((topic) => ({ topic, ...readers[topic] }));

/** Full name of the group that reads a topic: `('switchboard.', 'voice-call.received.v1')` → `switchboard.enrich`. */
export function groupOf(prefix: string, topic: TopicName): string {
  return `${prefix}${readers[topic].group}`;
}
