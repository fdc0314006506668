import { join } from 'node:path';
import {
  analystGrants,
  type ManagedProcess,
  startClickHouse,
  startKafka,
  startPostgres,
  startSchemaRegistry,
} from '@switchboard/embedded';
import type { Chosen, EngineName } from './chosen.ts';
import type { GivenEngines, StartingEngines } from './engine-urls.ts';
import type { Ports } from './ports.ts';
import type { Programs } from './preflight.ts';
import type { Secrets } from './secrets.ts';
import type { Step } from './step.ts';

export interface StartEnginesOptions {
  dir: string;
  ports: Ports;
  secrets: Secrets;
  given: GivenEngines;
  chosen: Chosen;
  programs: Programs;
  /** Where clients of Kafka are told to come, if something stands between. */
  kafkaAdvertisedPort?: number;
  /** How long each may take; each has its own limit unless told. */
  patienceMs?: number;
  step: Step;
  started: (engine: ManagedProcess) => void;
  signal: AbortSignal;
}

/** Starts the chosen engines beside each other; of those that are neither started nor used there is no promise. */
export function startEngines(options: StartEnginesOptions): Partial<StartingEngines> {
  const { dir, ports, secrets, given, chosen, programs, step, started, signal } = options;
  const common = (name: EngineName) => ({
    dataDir: join(dir, name),
    port: ports[name],
    logFile: join(dir, 'logs', `${name}.log`),
    readyTimeoutMs: options.patienceMs,
    signal,
  });
  const start = <T extends ManagedProcess>(
    what: string,
    name: EngineName,
    work: () => Promise<T>,
  ): Promise<T> =>
    step(`${what} on port ${ports[name]}`, async () => {
      const engine = await work();
      started(engine);
      return engine;
    });
  const begin = <T>(name: EngineName, work: () => Promise<T>): Promise<T> | undefined =>
    chosen.engines.includes(name) ? work() : undefined;
  const there = <T>(name: EngineName, url: T | undefined): Promise<T> | undefined =>
    url !== undefined && chosen.used.has(name) ? Promise.resolve(url) : undefined;

  const embeddedPostgres = begin('postgres', () =>
    start('Postgres', 'postgres', () =>
      startPostgres({
        ...common('postgres'),
        password: secrets.postgresPassword,
        databases: [{ name: 'switchboard' }, { name: 'registry', password: secrets.registryPassword }],
      }),
    ),
  );
  const clickhouse = async () => {
    const user = { name: 'switchboard', password: secrets.clickhousePassword };
    const analyst = {
      name: 'analyst',
      password: secrets.analystPassword,
      readonly: true,
      grants: [...analystGrants],
    };
    const engine = await start('ClickHouse', 'clickhouse', () =>
      startClickHouse({ ...common('clickhouse'), users: [user, analyst] }),
    );
    return {
      url: engine.url,
      user: user.name,
      password: user.password,
      analyst: { user: analyst.name, password: analyst.password },
    };
  };
  const kafka = async () => {
    const engine = await start('Kafka', 'kafka', () =>
      startKafka({
        ...common('kafka'),
        jars: programs.kafka,
        advertisedPort: options.kafkaAdvertisedPort,
      }),
    );
    return { KAFKA_BROKERS: [engine.url], KAFKA_SSL: false };
  };
  const schemaRegistry = async () => {
    const store = await embeddedPostgres;
    const engine = await start('Schema registry', 'schema-registry', () =>
      startSchemaRegistry({
        ...common('schema-registry'),
        postgresUrl: store?.databaseUrl('registry'),
        home: programs.schemaRegistry,
      }),
    );
    return engine.url;
  };
  return {
    postgres:
      embeddedPostgres?.then((engine) => engine.databaseUrl('switchboard')) ??
      there('postgres', given.postgres),
    kafka: begin('kafka', kafka) ?? there('kafka', given.kafka),
    schemaRegistry:
      begin('schema-registry', schemaRegistry) ?? there('schema-registry', given.schemaRegistry),
    clickhouse: begin('clickhouse', clickhouse) ?? there('clickhouse', given.clickhouse),
  };
}
