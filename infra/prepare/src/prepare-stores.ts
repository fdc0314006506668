import { ClickHouseRefusal } from '@switchboard/clickhouse';
import { brokerAccess } from '@switchboard/kafka';
import { backoff, SwitchboardError, sleep } from '@switchboard/platform';
import { clickhouseAccess, type PrepareConfig, rolePasswords } from './config.ts';
import { prepareEach, type StoreName } from './prepare-each.ts';

export interface PrepareStoresOptions {
  config: PrepareConfig;
  /** Gets a line per store. */
  say: (line: string) => void;
}

const pause = { baseMs: 250, maxMs: 4_000 };

const LABELS: Readonly<Record<StoreName, string>> = {
  kafka: 'Kafka',
  schemaRegistry: 'schema registry',
  postgres: 'Postgres',
  clickhouse: 'ClickHouse',
};

/**
 * Makes every store ready for the services: tables and roles, topics, schemas, users and views. All four are worked on
 * beside each other, and one that does not answer yet is waited for. Running it again, or twice at once, changes
 * nothing.
 * @throws what kept the first store from being made ready, when all four have come to an end
 */
export async function prepareStores({ config, say }: PrepareStoresOptions): Promise<void> {
  const deadline = Date.now() + config.PREPARE_TIMEOUT_MS;
  const prefix = config.KAFKA_TOPIC_PREFIX;
  const stores = {
    kafka: {
      ...brokerAccess(config),
      prefix,
      partitions: config.KAFKA_PARTITIONS,
      replicationFactor: config.KAFKA_REPLICATION_FACTOR,
    },
    schemaRegistry: { registryUrl: config.SCHEMA_REGISTRY_URL, prefix },
    postgres: {
      adminUrl: config.DATABASE_URL,
      rolePasswords: rolePasswords(config),
      say: (line: string) => say(`${LABELS.postgres}: ${line}`),
    },
    clickhouse: {
      url: config.CLICKHOUSE_URL,
      caFile: config.CLICKHOUSE_CA,
      user: config.CLICKHOUSE_USER,
      password: config.CLICKHOUSE_PASSWORD,
      database: config.CLICKHOUSE_DATABASE,
      cluster: config.CLICKHOUSE_CLUSTER,
      users: clickhouseAccess(config),
    },
  };
  await prepareEach(
    {
      kafka: Promise.resolve(stores.kafka),
      schemaRegistry: Promise.resolve(stores.schemaRegistry),
      postgres: Promise.resolve(stores.postgres),
      clickhouse: Promise.resolve(stores.clickhouse),
    },
    async (name, make) => {
      await untilDone(LABELS[name], make, deadline, say);
      say(`${LABELS[name]}: ready`);
    },
  );
}

async function untilDone(
  store: string,
  make: () => Promise<unknown>,
  deadline: number,
  say: (line: string) => void,
): Promise<void> {
  let said = '';
  for (let attempt = 1; ; attempt += 1) {
    try {
      await make();
      return;
    } catch (error) {
      if (!(error instanceof SwitchboardError) || !error.retryable || isSettingsFault(error)) throw error;
      const wait = backoff(attempt, pause);
      if (Date.now() + wait > deadline) throw error;
      if (error.message !== said) say(`${store}: ${error.message}; trying again`);
      said = error.message;
      await sleep(wait);
    }
  }
}

/** Settings that keep this process out; an engine that is starting is waited for, these would not change its mind. */
export function isSettingsFault(error: SwitchboardError): boolean {
  if (error instanceof ClickHouseRefusal && error.type === 'AUTHENTICATION_FAILED') return true;
  return settingsFaults.has(error.code);
}

const settingsFaults = new Set([
  'config_invalid',
  'broker_access_refused',
  'postgres_access_refused',
  'clickhouse_access_refused',
]);
