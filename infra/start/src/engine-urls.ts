import type { brokerAccess } from '@switchboard/kafka';

/** How Kafka is reached, in the terms of the services' settings. */
export type KafkaSettings = Parameters<typeof brokerAccess>[0];

/** How ClickHouse is reached by the services. */
export interface ClickHouseLogin {
  url: string;
  user: string;
  password: string;
  /** Path of a file with authorities in PEM, in the place of the well-known ones. */
  caFile?: string;
  /** Of the tables, once they are made. */
  database?: string;
  /** The data team's user; the services' own where nobody else is known. */
  analyst: { user: string; password: string };
}

/** How each engine is reached. */
export interface EngineAccess {
  kafka: KafkaSettings;
  /** Confluent-compatible base. */
  schemaRegistry: string;
  /** A superuser's URL of the database to use. */
  postgres: string;
  clickhouse: ClickHouseLogin;
}

/** Engines that are there already; what is not named is started embedded. */
export type GivenEngines = Partial<EngineAccess>;

/** Each engine as soon as it is ready; all are awaited by the caller, whatever becomes of one. */
export type StartingEngines = { [Name in keyof EngineAccess]: Promise<EngineAccess[Name]> };

/** Where each engine is reached, for people and scripts. */
export interface EngineUrls {
  /** `host:port,…` */
  kafka: string;
  schemaRegistry: string;
  postgres: string;
  clickhouse: Omit<ClickHouseLogin, 'analyst'>;
}

export function urlsOf({ kafka, clickhouse, ...others }: Partial<EngineAccess>): Partial<EngineUrls> {
  return {
    ...others,
    kafka: kafka?.KAFKA_BROKERS.join(','),
    clickhouse: clickhouse && {
      url: clickhouse.url,
      user: clickhouse.user,
      password: clickhouse.password,
      caFile: clickhouse.caFile,
      database: clickhouse.database,
    },
  };
}

/** What a service is told of its engines. */
export function settingsOf({
  kafka,
  schemaRegistry,
  clickhouse,
}: Partial<EngineAccess>): Record<string, string> {
  return {
    ...(kafka && {
      KAFKA_BROKERS: kafka.KAFKA_BROKERS.join(','),
      KAFKA_SSL: String(kafka.KAFKA_SSL),
      KAFKA_SSL_CA: kafka.KAFKA_SSL_CA ?? '',
      KAFKA_SASL_MECHANISM: kafka.KAFKA_SASL_MECHANISM ?? '',
      KAFKA_SASL_USERNAME: kafka.KAFKA_SASL_USERNAME ?? '',
      KAFKA_SASL_PASSWORD: kafka.KAFKA_SASL_PASSWORD ?? '',
    }),
    ...(schemaRegistry && { SCHEMA_REGISTRY_URL: schemaRegistry }),
    ...(clickhouse && {
      CLICKHOUSE_URL: clickhouse.url,
      CLICKHOUSE_CA: clickhouse.caFile ?? '',
      CLICKHOUSE_USER: clickhouse.user,
      CLICKHOUSE_PASSWORD: clickhouse.password,
    }),
  };
}
