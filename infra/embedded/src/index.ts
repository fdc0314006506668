export { analystGrants } from './analyst-grants.ts';
export { kafkaJars, registryArchive } from './artifacts.ts';
export { childEnv, ownEnv } from './child-env.ts';
export { readOr } from './data-version.ts';
export { portTaken } from './diagnose.ts';
export { checkDisk } from './disk.ts';
export type { Progress } from './download-progress.ts';
export { freePort, freePorts, isPortFree } from './free-port.ts';
export { claim, type Holder, isHolding, readHolder, removeLeftBehind, thisProcess } from './holder-file.ts';
export { type FetchOptions, fetchArtifact } from './jar-cache.ts';
export { requireJava } from './java.ts';
export type { SecureListener } from './kafka-listener.ts';
export { checkMachine, type MachineFacts, machineFacts } from './machine.ts';
export {
  type ManagedProcess,
  type ProcessExit,
  type ProcessSpec,
  type StartLimits,
  startProcess,
} from './managed-process.ts';
export { type FamilyMemory, memoryOf } from './memory.ts';
export { describeHolder } from './port-holder.ts';
export { allPids, isAlive } from './process-table.ts';
export {
  type ClickHouseEngine,
  type ClickHouseOptions,
  type ClickHouseUser,
  startClickHouse,
} from './start-clickhouse.ts';
export { explainDisk, StartError, type StartErrorCode } from './start-error.ts';
export { type KafkaEngine, type KafkaOptions, startKafka } from './start-kafka.ts';
export { type PostgresEngine, type PostgresOptions, startPostgres } from './start-postgres.ts';
export {
  type SchemaRegistryEngine,
  type SchemaRegistryOptions,
  startSchemaRegistry,
} from './start-schema-registry.ts';
