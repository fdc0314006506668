export { avroContentType, isAvroType } from './avro-content.ts';
export { type BrokerAccess, brokerAccess } from './broker-access.ts';
export { type Codec, type CodecOptions, createCodec } from './codec.ts';
export { runConsumer } from './consumer.ts';
export type {
  BatchContext,
  Consumer,
  ConsumerOptions,
  HandleBatch,
  IncomingBatch,
  IncomingMessage,
  PartitionLag,
} from './consumer-types.ts';
export {
  buildDeadLetter,
  type DeadLetterDeps,
  type FailedEvent,
  failedMessage,
  isPutBack,
  sendDeadLetter,
  takenAgainHeader,
} from './dead-letter.ts';
export { type EnsureTopicsOptions, ensureTopics } from './ensure-topics.ts';
export { findRecord, type RecordSearch, type WaitingRecord } from './find-record.ts';
export { type GroupPosition, type Names, readGroupPositions } from './group-positions.ts';
export { groupOf, type TopicGroup, topicGroups } from './groups.ts';
export { createLogReader, type LogReader } from './log-reader.ts';
export { type ReadLagOptions, readLag } from './offsets.ts';
export { createProducer, type OutgoingMessage, type Producer, type ProducerOptions } from './producer.ts';
export { putBack } from './put-back.ts';
export { type RegisterSchemasOptions, registerSchemas } from './register-schemas.ts';
export { fullTopicName, subjectOf, type TopicName, type TopicSpec, topicOf, topics } from './topics.ts';
export { schemaIdOf } from './wire-format.ts';
