import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ManagedProcess,
  startClickHouse,
  startKafka,
  startPostgres,
  startSchemaRegistry,
} from '@switchboard/embedded';
import type { Engines } from './engines.ts';

export interface StackOptions {
  /** Kept when given; else a temporary one that goes with the stack. */
  dataDir?: string;
  /** Free ones unless given. */
  ports?: Partial<Record<'kafka' | 'schemaRegistry' | 'postgres' | 'clickhouse', number>>;
  progress?: (line: string) => void;
}

/** One of each engine, for tests. */
export interface Stack {
  urls: Engines;
  kafka: ManagedProcess;
  schemaRegistry: ManagedProcess;
  postgres: ManagedProcess;
  clickhouse: ManagedProcess;
  /** Ends all engines, and removes their data when it was temporary. */
  stop(): Promise<void>;
}

const PASSWORD = 'switchboard';
// A killed process loses nothing by this; only a machine that goes down does.
const FAST = { fsync: 'off', full_page_writes: 'off' };

/** Starts all engines beside each other; when one can't be started, none stays. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const { ports = {}, progress } = options;
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'switchboard-test-')));
  const started: ManagedProcess[] = [];
  const track = async <T extends ManagedProcess>(starting: Promise<T>): Promise<T> => {
    const engine = await starting;
    started.push(engine);
    progress?.(`${engine.name} is ready (port ${engine.port})`);
    return engine;
  };
  const stop = async () => {
    await Promise.all(started.map((engine) => engine.stop()));
    if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
  };
  const postgresThenRegistry = async () => {
    const postgres = await track(
      startPostgres({
        dataDir: join(dataDir, 'postgres'),
        port: ports.postgres,
        password: PASSWORD,
        databases: [{ name: 'registry', password: PASSWORD }],
        settings: FAST,
      }),
    );
    const schemaRegistry = await track(
      startSchemaRegistry({
        dataDir: join(dataDir, 'registry'),
        port: ports.schemaRegistry,
        postgresUrl: postgres.databaseUrl('registry'),
        progress,
      }),
    );
    return { postgres, schemaRegistry };
  };
  const starting = [
    track(startKafka({ dataDir: join(dataDir, 'kafka'), port: ports.kafka, progress })),
    postgresThenRegistry(),
    track(
      startClickHouse({
        dataDir: join(dataDir, 'clickhouse'),
        port: ports.clickhouse,
        users: [
          { name: 'switchboard', password: PASSWORD },
          { name: 'analyst', password: PASSWORD, readonly: true },
        ],
      }),
    ),
  ] as const;
  try {
    const [kafka, { postgres, schemaRegistry }, clickhouse] = await Promise.all(starting);
    const urls = {
      kafka: kafka.url,
      schemaRegistry: schemaRegistry.url,
      postgresAdmin: postgres.url,
      clickhouse: {
        url: clickhouse.url,
        user: 'switchboard',
        password: PASSWORD,
        analyst: { user: 'analyst', password: PASSWORD },
      },
    };
    return { urls, kafka, schemaRegistry, postgres, clickhouse, stop };
  } catch (error) {
    await Promise.allSettled(starting);
    await stop();
    throw error;
  }
}
