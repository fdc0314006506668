import { compatibilityPartitioner } from '@platformatic/kafka';
import { SwitchboardError } from '@switchboard/platform';

/** Knows to which partitions a send's messages go, and which of them were acknowledged. */
export interface PartitionWatch {
  /** By the key's murmur2 hash, as every Kafka client does it; without a key in turn. */
  partitioner(message: { topic: string }, key: Buffer | undefined): number;
  /** Before each send. */
  forget(): void;
  /**
   * @param countOf how many partitions a topic has
   * @throws SwitchboardError `not_acknowledged` (retryable) unless every partition that a message went to has answered
   */
  requireAll(
    answers: readonly { topic: string; partition: number }[],
    countOf: (topic: string) => number | undefined,
  ): void;
}

/** A send is taken for sent by what the brokers answered for each partition, not by the client's word that all went well. */
export function watchPartitions(): PartitionWatch {
  const chosen = new Map<string, Set<number>>();
  let turn = 0;
  return {
    partitioner(message, key) {
      if (!key) turn = (turn + 1) & 0x7fffffff;
      const hash = key ? compatibilityPartitioner(message, key) : turn;
      const ofTopic = chosen.get(message.topic);
      if (ofTopic) ofTopic.add(hash);
      else chosen.set(message.topic, new Set([hash]));
      return hash;
    },
    forget: () => chosen.clear(),
    requireAll(answers, countOf) {
      const answered = new Set(answers.map(({ topic, partition }) => place(topic, partition)));
      for (const [topic, hashes] of chosen) {
        const count = countOf(topic) ?? Number.NaN;
        for (const hash of hashes) {
          if (answered.has(place(topic, hash % count))) continue;
          const message = `no broker answered for ${place(topic, hash % count)}`;
          throw new SwitchboardError('not_acknowledged', message, { retryable: true });
        }
      }
    },
  };
}

function place(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
