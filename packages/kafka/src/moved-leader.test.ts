import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { watchPartitions } from './watch-partitions.ts';

/** kafkajs's own sending and retrying, between brokers that are made up here: one stack has one broker. */
const require = createRequire(import.meta.url);
const createSendMessages = require('kafkajs/src/producer/sendMessages');
const createRetry = require('kafkajs/src/retry');
const { KafkaJSProtocolError } = require('kafkajs/src/errors');

interface TopicData {
  topic: string;
  partitions: { partition: number; messages: unknown[] }[];
}

/** Broker 1 leads partition 0, broker 2 partition 1 until it answers that it no longer does: then broker 1 leads both. */
function movingCluster() {
  const written: number[] = [];
  let moved = false;
  const broker = (nodeId: number) => ({
    nodeId,
    async produce({ topicData }: { topicData: TopicData[] }) {
      if (nodeId === 2) {
        // Later than the other's answer.
        await new Promise((resolve) => setTimeout(resolve, 10));
        moved = true;
        throw new KafkaJSProtocolError({ type: 'NOT_LEADER_FOR_PARTITION', code: 6, retriable: true });
      }
      const partitions = topicData.flatMap((data) => data.partitions);
      written.push(...partitions.map(({ partition }) => partition));
      return {
        topics: topicData.map((data) => ({
          topicName: data.topic,
          partitions: data.partitions.map(({ partition }) => ({ partition, errorCode: 0, baseOffset: '0' })),
        })),
      };
    },
  });
  const brokers = new Map([1, 2].map((nodeId) => [nodeId, broker(nodeId)]));
  const leaderOf = (partition: number) => (partition === 0 || moved ? 1 : 2);
  const cluster = {
    targetTopics: new Set(['t']),
    async refreshMetadataIfNecessary() {},
    async addMultipleTargetTopics() {},
    async refreshMetadata() {},
    removeBroker() {},
    isConnected: () => true,
    findTopicPartitionMetadata: () => [0, 1].map((id) => ({ partitionId: id, leader: leaderOf(id) })),
    findLeaderForPartitions: (_topic: string, partitions: string[]) =>
      Object.groupBy(partitions.map(Number), leaderOf),
    findBroker: async ({ nodeId }: { nodeId: string }) => brokers.get(Number(nodeId)),
  };
  return { cluster, written };
}

const noSequences = {
  async acquireBrokerLock() {},
  async releaseBrokerLock() {},
  isTransactional: () => false,
  getSequence: () => 0,
  updateSequence() {},
  getProducerId: () => 1,
  getProducerEpoch: () => 0,
};
const silent = { debug() {}, error() {}, warn() {}, info() {} };

it('a send whose leader moved to a broker that had answered is not taken for sent (kafkajs leaves it out)', async () => {
  const { cluster, written } = movingCluster();
  const watched = watchPartitions();
  const send = createSendMessages({
    logger: silent,
    cluster,
    partitioner: watched.createPartitioner(),
    eosManager: noSequences,
    retrier: createRetry({ retries: 2, initialRetryTime: 5, maxRetryTime: 10 }),
  });
  const messages = Array.from({ length: 8 }, (_, index) => ({ key: `k${index}`, value: Buffer.from('x') }));
  const answers = await send({ acks: -1, topicMessages: [{ topic: 't', messages }] });
  // kafkajs resolves, and partition 1 has nothing.
  expect(written).toEqual([0]);
  expect(() => watched.requireAll(answers)).toThrow('no broker answered for t/1');
  watched.forget();
  watched.requireAll([]);
});
