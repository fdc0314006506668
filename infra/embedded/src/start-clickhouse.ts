import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnv } from './child-env.ts';
import { checkDataVersion, noteDataVersion } from './data-version.ts';
import { freePort } from './free-port.ts';
import { type ManagedProcess, type StartLimits, startProcess } from './managed-process.ts';

/** A user of the embedded ClickHouse, known from its start on. */
export interface ClickHouseUser {
  name: string;
  password: string;
  /** Changes nothing, and sees what its grants name. */
  readonly?: boolean;
  /** Of a read-only user, as in `GRANT …`; by default SELECT and SHOW on the database. */
  grants?: string[];
}

export interface ClickHouseOptions extends StartLimits {
  /** Holds the engine's data and the log; made when missing. */
  dataDir: string;
  port?: number;
  users: ClickHouseUser[];
  /** Elements of the engine's configuration besides its own, XML: clusters, a stand-in for Keeper. */
  config?: string;
  logFile?: string;
}

/** `url` is that of ClickHouse's HTTP interface. */
export type ClickHouseEngine = ManagedProcess;

const SERVER = fileURLToPath(new URL('./clickhouse/server.ts', import.meta.url));

/** Starts the ClickHouse engine of chdb in a process of its own, behind ClickHouse's HTTP interface. */
export async function startClickHouse(options: ClickHouseOptions): Promise<ClickHouseEngine> {
  const dataDir = resolve(options.dataDir);
  const version = engineVersion();
  await checkDataVersion('ClickHouse (chdb)', dataDir, version);
  const port = options.port ?? (await freePort());
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const engine = await startProcess({
    name: 'clickhouse',
    port,
    url: `http://127.0.0.1:${port}`,
    logFile: options.logFile ?? join(dataDir, 'clickhouse.log'),
    command: process.execPath,
    args: [SERVER, '--data-dir', join(dataDir, 'data'), '--port', String(port)],
    cwd: dataDir,
    // Not as an argument, which all users of the machine can see.
    env: childEnv({
      SWITCHBOARD_CLICKHOUSE_USERS: usersJson(options.users),
      ...(options.config === undefined ? {} : { SWITCHBOARD_CLICKHOUSE_CONFIG: options.config }),
    }),
    isReady: (log) => /^ready \d+$/m.test(log),
    readyTimeoutMs: options.readyTimeoutMs ?? 60_000,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 20_000,
    // A killed start's engine may still be ending.
    retryWhen: /Another server instance in same directory/,
    signal: options.signal,
  });
  await noteDataVersion(dataDir, version);
  return engine;
}

/** Of chdb, which brings the engine. */
function engineVersion(): string {
  const { version }: { version: string } = createRequire(import.meta.url)('chdb/package.json');
  return version;
}

function usersJson(users: ClickHouseUser[]): string {
  return JSON.stringify(Object.fromEntries(users.map(({ name, ...entry }) => [name, entry])));
}
