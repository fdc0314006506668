import { brokerShape, type ConfigShape, kafkaShape } from '@switchboard/platform';

const { SCHEMA_REGISTRY_URL: _, KAFKA_TOPIC_PREFIX: __, ...accessShape } = brokerShape;

/** Settings of `npm run offsets`. */
export const offsetsShape = {
  ...accessShape,
  KAFKA_GROUP_PREFIX: kafkaShape.KAFKA_GROUP_PREFIX,
} satisfies ConfigShape;
