export { avroContentType, isAvroType } from './avro-content.ts';
export { type BrokerAccess, brokerAccess } from './broker-access.ts';
export { type Codec, type CodecOptions, createCodec } from './codec.ts';
export { runConsumer } from './consumer.ts';
export type { Consumer, HandleBatch, IncomingMessage, PartitionLag } from './consumer-types.ts';
export {
  buildDeadLetter,
  type FailedEvent,
  failedMessage,
  isPutBack,
  sendDeadLetter,
  takenAgainHeader,
} from './dead-letter.ts';
export { type EnsureTopicsOptions, ensureTopics } from './ensure-topics.ts';
export { type GroupPosition, type Names, readGroupPositions } from './group-positions.ts';
export { groupOf, topicGroups } from './groups.ts';
export { createLogReader, type LogReader } from './log-reader.ts';
export { readLag } from './offsets.ts';
export { createProducer, type Producer } from './producer.ts';
export { putBack } from './put-back.ts';
export { type RegisterSchemasOptions, registerSchemas } from './register-schemas.ts';
export { fullTopicName, type TopicName, topics } from './topics.ts';
