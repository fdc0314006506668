import { brokerAccess, createLogReader } from '@switchboard/kafka';
import { awaitFinished } from '@switchboard/kafka/await-finished';
import { SwitchboardError } from '@switchboard/platform';
import type { TopicName } from '@switchboard/schemas';
import type { DeadLettersConfig } from './command-config.ts';

/**
 * Waits until all that was put back on these topics was read, and each new failure of it is in its row.
 * @param until Unix ms
 * @returns false: it was not by then, or Kafka is away
 */
export type AwaitRead = (topics: readonly TopicName[], until: number) => Promise<boolean>;

/** @returns undefined without the address of a Kafka */
export function createAwaitRead(config: DeadLettersConfig): AwaitRead | undefined {
  const { KAFKA_BROKERS, KAFKA_TOPIC_PREFIX: topicPrefix, KAFKA_GROUP_PREFIX: groupPrefix } = config;
  if (KAFKA_BROKERS === undefined) return undefined;
  const access = brokerAccess({ ...config, KAFKA_BROKERS });
  return async (topics, until) => {
    const reader = createLogReader({ ...access, clientId: 'switchboard-dead-letters', timeoutMs: 5_000 });
    const finish = (some: readonly TopicName[]) =>
      awaitFinished(reader, { topicPrefix, groupPrefix }, some, until);
    try {
      // A consumer passes what failed once its dead letter is in the broker.
      return (await finish(topics)) && (await finish(['dead-letter.v1']));
    } catch (error) {
      if (error instanceof SwitchboardError && error.retryable) return false;
      throw error;
    } finally {
      reader.close();
    }
  };
}
