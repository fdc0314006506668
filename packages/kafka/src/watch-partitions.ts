import { SwitchboardError } from '@switchboard/platform';
import kafkajs, { type ICustomPartitioner, type RecordMetadata } from 'kafkajs';

/** Knows to which partitions a send's messages went, and which of them were acknowledged. */
export interface PartitionWatch {
  createPartitioner: ICustomPartitioner;
  /** Before each send. */
  forget(): void;
  /** @throws SwitchboardError `not_acknowledged` (retryable) unless every partition that a message went to has answered */
  requireAll(answers: readonly RecordMetadata[]): void;
}

/**
 * kafkajs keeps the brokers' answers over its own attempts. When a partition's leader moves to a broker that has answered
 * for others, it takes that answer for this partition's too: the send resolves, and its messages were never sent.
 */
export function watchPartitions(): PartitionWatch {
  const chosen = new Set<string>();
  return {
    createPartitioner: () => {
      const partitioner = kafkajs.Partitioners.DefaultPartitioner();
      return (args) => {
        const partition = partitioner(args);
        chosen.add(place(args.topic, partition));
        return partition;
      };
    },
    forget: () => chosen.clear(),
    requireAll(answers) {
      const answered = new Set(answers.map(({ topicName, partition }) => place(topicName, partition)));
      const missing = [...chosen].filter((one) => !answered.has(one));
      if (missing.length === 0) return;
      const message = `no broker answered for ${missing.join(', ')}`;
      throw new SwitchboardError('not_acknowledged', message, { retryable: true });
    },
  };
}

function place(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
