import { createClickHouse } from '@switchboard/clickhouse';
import { brokerAccess, createLogReader } from '@switchboard/kafka';
import type { Config } from '@switchboard/platform';
import { createPool } from '@switchboard/postgres';
import type { whereShape } from './config.ts';
import { lookForEvent, type Whereabouts } from './look-for-event.ts';

/** Every place that an event may be in, by the settings. */
export interface Places {
  look(eventId: string): Promise<Whereabouts>;
  close(): Promise<void>;
}

/** @param patienceMs how long a look may take */
export function openPlaces(config: Config<typeof whereShape>, patienceMs: number): Places {
  const postgres = createPool({
    url: config.DATABASE_URL,
    applicationName: 'switchboard-where',
    max: 2,
    statementTimeoutMs: patienceMs,
    connectTimeoutMs: patienceMs,
  });
  const clickhouse = createClickHouse({
    url: config.CLICKHOUSE_URL,
    user: config.CLICKHOUSE_USER,
    password: config.CLICKHOUSE_PASSWORD,
    database: config.CLICKHOUSE_DATABASE,
    caFile: config.CLICKHOUSE_CA,
    applicationName: 'switchboard-where',
    requestTimeoutMs: patienceMs,
  });
  const reader = createLogReader({
    ...brokerAccess(config),
    clientId: 'switchboard-where',
    timeoutMs: patienceMs,
  });
  const names = { topicPrefix: config.KAFKA_TOPIC_PREFIX, groupPrefix: config.KAFKA_GROUP_PREFIX };
  return {
    look: (eventId) => lookForEvent({ postgres, clickhouse, reader, names, patienceMs }, eventId),
    async close() {
      reader.close();
      await Promise.all([postgres.end(), clickhouse.close()]);
    },
  };
}
