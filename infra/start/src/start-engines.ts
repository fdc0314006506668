import { join } from 'node:path';
import {
  type ManagedProcess,
  startClickHouse,
  startKafka,
  startPostgres,
  startSchemaRegistry,
} from '@switchboard/embedded';
import type { Ports } from './ports.ts';
import type { Secrets } from './secrets.ts';

/** Engines that are there already; what is not named is started embedded. */
export interface GivenEngines {
  /** `host:port,…` */
  kafka?: string;
  /** Confluent-compatible base. */
  schemaRegistry?: string;
  /** A superuser's URL of the database to use. */
  postgres?: string;
  clickhouse?: { url: string; user: string; password: string };
}

/** Where each engine is reached. */
export interface EngineUrls {
  kafka: string;
  schemaRegistry: string;
  /** A superuser's. */
  postgres: string;
  clickhouse: { url: string; user: string; password: string };
}

export interface StartEnginesOptions {
  dir: string;
  ports: Ports;
  secrets: Secrets;
  given: GivenEngines;
  step: <T>(what: string, work: () => Promise<T>) => Promise<T>;
  say: (line: string) => void;
  started: (engine: ManagedProcess) => void;
}

/** Each engine as soon as it is ready; all four are awaited by the caller, whatever becomes of one. */
export interface StartingEngines {
  kafka: Promise<string>;
  schemaRegistry: Promise<string>;
  postgres: Promise<string>;
  clickhouse: Promise<EngineUrls['clickhouse']>;
}

/** Starts the engines that are not given, beside each other. */
export function startEngines(options: StartEnginesOptions): StartingEngines {
  const { dir, ports, secrets, given, step, say, started } = options;
  const logFile = (name: string) => join(dir, 'logs', `${name}.log`);
  const start = <T extends ManagedProcess>(what: string, port: number, work: () => Promise<T>): Promise<T> =>
    step(`${what} on port ${port}`, async () => {
      const engine = await work();
      started(engine);
      return engine;
    });

  const kafka = async () => {
    if (given.kafka !== undefined) return given.kafka;
    const options = {
      dataDir: join(dir, 'kafka'),
      port: ports.kafka,
      logFile: logFile('kafka'),
      progress: say,
    };
    return (await start('Kafka', ports.kafka, () => startKafka(options))).url;
  };
  const embeddedPostgres =
    given.postgres === undefined
      ? start('Postgres', ports.postgres, () =>
          startPostgres({
            dataDir: join(dir, 'postgres'),
            port: ports.postgres,
            password: secrets.postgresPassword,
            databases: [{ name: 'switchboard' }, { name: 'registry', password: secrets.registryPassword }],
            logFile: logFile('postgres'),
          }),
        )
      : undefined;
  const postgres = async () => {
    if (given.postgres !== undefined) return given.postgres;
    const engine = await embeddedPostgres;
    if (!engine) throw new Error('no Postgres');
    return engine.databaseUrl('switchboard');
  };
  const schemaRegistry = async () => {
    if (given.schemaRegistry !== undefined) return given.schemaRegistry;
    const store = await embeddedPostgres;
    const options = {
      dataDir: join(dir, 'schema-registry'),
      port: ports['schema-registry'],
      postgresUrl: store?.databaseUrl('registry'),
      logFile: logFile('schema-registry'),
      progress: say,
    };
    return (await start('Schema registry', options.port, () => startSchemaRegistry(options))).url;
  };
  const clickhouse = async () => {
    if (given.clickhouse !== undefined) return given.clickhouse;
    const user = { name: 'switchboard', password: secrets.clickhousePassword };
    const engine = await start('ClickHouse', ports.clickhouse, () =>
      startClickHouse({
        dataDir: join(dir, 'clickhouse'),
        port: ports.clickhouse,
        users: [user, { name: 'analyst', password: secrets.analystPassword, readonly: true }],
        logFile: logFile('clickhouse'),
      }),
    );
    return { url: engine.url, user: user.name, password: user.password };
  };
  return { kafka: kafka(), schemaRegistry: schemaRegistry(), postgres: postgres(), clickhouse: clickhouse() };
}
