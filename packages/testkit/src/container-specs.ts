/** How an engine is run in a container; plain data, so that it can be told from docker-compose.yml what differs. */
export interface ContainerSpec {
  image: string;
  /** How other containers of the network call it. */
  alias: string;
  environment: Record<string, string>;
  /** Inside; `host` when clients must be told the port before it runs. */
  port: { container: number; host?: number };
  files?: { target: string; content: string }[];
  /** It is ready when it answers this, or has printed that as often as told. */
  ready: { path: string } | { log: RegExp; times: number };
}

const PASSWORD = 'switchboard';
/** Of all users of the test engines. */
export const testPassword = PASSWORD;

/** One of each engine, in the versions of docker-compose.yml. */
export function containerSpecs(
  kafkaPort: number,
): Record<'kafka' | 'postgres' | 'schemaRegistry' | 'clickhouse', ContainerSpec> {
  return {
    kafka: {
      image: 'apache/kafka:4.3.1',
      alias: 'kafka',
      port: { container: 9092, host: kafkaPort },
      // Clients outside are told the port of this machine; the broker itself comes in by another listener.
      environment: {
        KAFKA_NODE_ID: '1',
        KAFKA_PROCESS_ROLES: 'broker,controller',
        KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
        KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
        KAFKA_LISTENERS: 'CLIENT://:9092,INTERNAL://localhost:19092,CONTROLLER://localhost:9093',
        KAFKA_ADVERTISED_LISTENERS: `CLIENT://127.0.0.1:${kafkaPort},INTERNAL://localhost:19092`,
        KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'CLIENT:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT',
        KAFKA_INTER_BROKER_LISTENER_NAME: 'INTERNAL',
        KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
        KAFKA_MESSAGE_MAX_BYTES: '8388608',
        KAFKA_REPLICA_FETCH_MAX_BYTES: '8388608',
        KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
        KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: '8',
        KAFKA_OFFSETS_RETENTION_MINUTES: '43200',
        KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
        KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
        KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR: '1',
        KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR: '1',
        KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
      },
      ready: { log: /Kafka Server started/, times: 1 },
    },
    postgres: {
      image: 'postgres:18.6-bookworm',
      alias: 'postgres',
      port: { container: 5432 },
      environment: {
        POSTGRES_PASSWORD: PASSWORD,
        POSTGRES_INITDB_ARGS: '--encoding=UTF8 --locale-provider=builtin --builtin-locale=C.UTF-8 --no-sync',
      },
      files: [
        {
          target: '/docker-entrypoint-initdb.d/registry.sql',
          content: `CREATE ROLE registry LOGIN PASSWORD '${PASSWORD}';\nCREATE DATABASE registry OWNER registry;\nALTER SYSTEM SET max_connections = 200;\n`,
        },
      ],
      // Once for its init scripts, once to stay.
      ready: { log: /database system is ready to accept connections/, times: 2 },
    },
    schemaRegistry: {
      image: 'apicurio/apicurio-registry:3.0.9',
      alias: 'schema-registry',
      port: { container: 8080 },
      environment: {
        QUARKUS_HTTP_PORT: '8080',
        APICURIO_STORAGE_KIND: 'sql',
        APICURIO_STORAGE_SQL_KIND: 'postgresql',
        APICURIO_DATASOURCE_URL: 'jdbc:postgresql://postgres:5432/registry',
        APICURIO_DATASOURCE_USERNAME: 'registry',
        APICURIO_DATASOURCE_PASSWORD: PASSWORD,
      },
      ready: { path: '/apis/ccompat/v7/subjects' },
    },
    clickhouse: {
      image: 'clickhouse/clickhouse-server:26.3.33.24',
      alias: 'clickhouse',
      port: { container: 8123 },
      environment: {
        CLICKHOUSE_USER: 'switchboard',
        CLICKHOUSE_PASSWORD: PASSWORD,
        CLICKHOUSE_DB: 'switchboard',
        CLICKHOUSE_DEFAULT_ACCESS_MANAGEMENT: '1',
      },
      files: [
        {
          target: '/docker-entrypoint-initdb.d/analyst.sql',
          content: `CREATE USER analyst IDENTIFIED BY '${PASSWORD}' SETTINGS readonly = 1;\nGRANT SELECT, SHOW ON switchboard.* TO analyst;\n`,
        },
      ],
      ready: { path: '/ping' },
    },
  };
}
