export { childEnv } from './child-env.ts';
export { freePort, freePorts, isPortFree } from './free-port.ts';
export type { SecureListener } from './kafka-listener.ts';
export {
  type ManagedProcess,
  ProcessError,
  type ProcessExit,
  type ProcessSpec,
  startProcess,
} from './managed-process.ts';
export type { Progress } from './maven.ts';
export {
  type ClickHouseEngine,
  type ClickHouseOptions,
  type ClickHouseUser,
  startClickHouse,
} from './start-clickhouse.ts';
export { type KafkaEngine, type KafkaOptions, startKafka } from './start-kafka.ts';
export { type PostgresEngine, type PostgresOptions, startPostgres } from './start-postgres.ts';
export {
  type SchemaRegistryEngine,
  type SchemaRegistryOptions,
  startSchemaRegistry,
} from './start-schema-registry.ts';
