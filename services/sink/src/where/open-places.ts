import { createClickHouse } from '@switchboard/clickhouse/client';
import { brokerAccess } from '@switchboard/kafka/broker-access';
import type { Config } from '@switchboard/platform/config';
import { createPool } from '@switchboard/postgres/pool';
import type { whereShape } from './config.ts';
import { lookForEvent, type Whereabouts } from './look-for-event.ts';
import { type Patience, searchKafka, startSearcher } from './search-kafka.ts';

/** Every place that an event may be in, by the settings. */
export interface Places {
  look(eventId: string): Promise<Whereabouts>;
  close(): Promise<void>;
}

/** @param searcher one that was started before, for one look */
export function openPlaces(
  config: Config<typeof whereShape>,
  patience: Patience,
  searcher = startSearcher(),
): Places {
  const deadline = Math.max(patience.until, Date.now() + patience.leastMs);
  const patienceMs = deadline - Date.now();
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
  const access = brokerAccess(config);
  const names = { topicPrefix: config.KAFKA_TOPIC_PREFIX, groupPrefix: config.KAFKA_GROUP_PREFIX };
  const search = (eventIds: readonly string[]) =>
    searchKafka(searcher, { access, names, eventIds, patience });
  return {
    look: (eventId) =>
      lookForEvent(
        { postgres, clickhouse, searchKafka: search, deadline, leastMs: patience.leastMs },
        eventId,
      ),
    async close() {
      await Promise.all([searcher.terminate(), postgres.end(), clickhouse.close()]);
    },
  };
}
