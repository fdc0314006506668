import { fullTopicName, groupOf, readLag, type TopicName } from '@switchboard/kafka';
import type { Demo } from '@switchboard/start';

const prefix = 'switchboard.';

/** Messages of a topic that its group has not finished. */
export async function lagOf({ kafka }: Demo, topic: TopicName): Promise<number> {
  const lags = await readLag({
    brokers: kafka.split(','),
    groupId: groupOf(prefix, topic),
    topics: [fullTopicName(prefix, topic)],
  });
  return lags.reduce((sum, { lag }) => sum + lag, 0);
}
