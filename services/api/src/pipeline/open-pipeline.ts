import { brokerAccess, createLogReader } from '@switchboard/kafka';
import type { ApiConfig } from '../config.ts';
import { createReadPipeline, type PipelineOptions, type ReadPipeline } from './read-pipeline.ts';
import { parseServiceAddress } from './service-states.ts';

const timeoutMs = 1_000;

/** What `GET /pipeline` reads, by the settings. Kafka is asked when somebody looks, and only then. */
export function openPipeline(
  config: ApiConfig,
  stores: Pick<PipelineOptions, 'pool' | 'clickhouse' | 'now'>,
): { read: ReadPipeline; close(): void } {
  const { KAFKA_BROKERS: brokers } = config;
  const reader =
    brokers &&
    createLogReader({
      ...brokerAccess({ ...config, KAFKA_BROKERS: brokers }),
      clientId: 'switchboard-api',
      timeoutMs,
    });
  return {
    read: createReadPipeline({
      ...stores,
      reader,
      names: { topicPrefix: config.KAFKA_TOPIC_PREFIX, groupPrefix: config.KAFKA_GROUP_PREFIX },
      services: config.API_SERVICES.flatMap((text) => parseServiceAddress(text) ?? []),
    }),
    close: () => reader?.close(),
  };
}
