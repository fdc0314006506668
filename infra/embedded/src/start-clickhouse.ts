import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnv } from './child-env.ts';
import { freePort } from './free-port.ts';
import { type ManagedProcess, startProcess } from './managed-process.ts';

/** A user of the embedded ClickHouse, known from its start on. */
export interface ClickHouseUser {
  name: string;
  password: string;
  /** Changes nothing, and sees what its grants name. */
  readonly?: boolean;
  /** Of a read-only user, as in `GRANT …`; by default SELECT and SHOW on the database. */
  grants?: string[];
}

export interface ClickHouseOptions {
  /** Holds the engine's data and the log; made when missing. */
  dataDir: string;
  port?: number;
  users: ClickHouseUser[];
  logFile?: string;
}

/** `url` is that of ClickHouse's HTTP interface. */
export type ClickHouseEngine = ManagedProcess;

const SERVER = fileURLToPath(new URL('./clickhouse/server.ts', import.meta.url));

/** Starts the ClickHouse engine of chdb in a process of its own, behind ClickHouse's HTTP interface. */
export async function startClickHouse(options: ClickHouseOptions): Promise<ClickHouseEngine> {
  const dataDir = resolve(options.dataDir);
  const port = options.port ?? (await freePort());
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  return startProcess({
    name: 'clickhouse',
    port,
    url: `http://127.0.0.1:${port}`,
    logFile: options.logFile ?? join(dataDir, 'clickhouse.log'),
    command: process.execPath,
    args: [SERVER, '--data-dir', join(dataDir, 'data'), '--port', String(port)],
    cwd: dataDir,
    // Not as an argument, which all users of the machine can see.
    env: childEnv({ SWITCHBOARD_CLICKHOUSE_USERS: usersJson(options.users) }),
    isReady: (log) => /^ready \d+$/m.test(log),
    readyTimeoutMs: 60_000,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 20_000,
    // A killed start's engine may still be ending.
    retryWhen: /Another server instance in same directory/,
  });
}

function usersJson(users: ClickHouseUser[]): string {
  return JSON.stringify(Object.fromEntries(users.map(({ name, ...entry }) => [name, entry])));
}
