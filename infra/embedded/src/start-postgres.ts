import { existsSync } from 'node:fs';
import { chown, copyFile, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { childEnv } from './child-env.ts';
import { otherVersion, readOr } from './data-version.ts';
import { freePort } from './free-port.ts';
import { type ClusterOptions, makeCluster, postgresBinaries } from './make-cluster.ts';
import { type ManagedProcess, type StartLimits, startProcess } from './managed-process.ts';
import { runAs, type ServerUser, serverUser } from './server-user.ts';

/** The password and the databases are set when the cluster is made; later starts must name the same. */
export interface PostgresOptions extends ClusterOptions, StartLimits {
  /** Parent of the cluster's directory; made when missing. */
  dataDir: string;
  port?: number;
  /** Server settings over the defaults, e.g. `{ fsync: 'off' }`. */
  settings?: Record<string, string>;
  /** Paths of PEM files; they are copied beside the cluster, for its user to read. */
  tls?: { certificate: string; key: string };
  logFile?: string;
}

/** `url` is the superuser's, database `postgres`. */
export interface PostgresEngine extends ManagedProcess {
  /** The URL of one of `databases`, as the role that owns it. */
  databaseUrl(name: string): string;
}

const SETTINGS: Record<string, string> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '128MB',
  // Statements and details of errors hold what patients said; the log gets neither.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  timezone: 'UTC',
  // A new installation's tables grow from nothing to thousands of rows before the usual minute is over; and what grows so is
  // analysed again and again, beside everything else on two cores: by fewer rows.
  autovacuum_naptime: '15s',
  default_statistics_target: '30',
};

/** Starts PostgreSQL 18, making the cluster the first time. As root it runs as the owner of its directory. */
export async function startPostgres(options: PostgresOptions): Promise<PostgresEngine> {
  const dataDir = resolve(options.dataDir);
  const cluster = join(dataDir, 'cluster');
  const bin = postgresBinaries();
  const written = (await readOr(join(cluster, 'PG_VERSION'), bin.major)).trim();
  if (written !== bin.major) throw otherVersion('PostgreSQL', cluster, written, bin.major);
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const user = await serverUser(cluster, [bin.postgres, cluster]);
  if (!existsSync(cluster)) await makeCluster(bin, cluster, user, options);
  const port = options.port ?? (await freePort());
  const urlOf = (name: string, password: string, database: string) =>
    `postgres://${name}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
  const tls = options.tls ? await tlsSettings(dataDir, options.tls, user) : {};
  const settings = Object.entries({ ...SETTINGS, ...tls, ...options.settings, port: String(port) });
  const engine = await startProcess({
    name: 'postgres',
    port,
    url: urlOf('postgres', options.password, 'postgres'),
    logFile: options.logFile ?? join(dataDir, 'postgres.log'),
    cwd: '/',
    env: childEnv({ LC_ALL: 'C' }),
    ...runAs(user, bin.postgres, [
      '-D',
      cluster,
      ...settings.flatMap(([key, value]) => ['-c', `${key}=${value}`]),
    ]),
    isReady: (log) => log.includes('database system is ready to accept connections'),
    readyTimeoutMs: options.readyTimeoutMs ?? 60_000,
    signal: options.signal,
    stopSignal: 'SIGINT',
    stopTimeoutMs: 20_000,
    // Backends of a killed server need a moment to notice.
    retryWhen: /pre-existing shared memory block|lock file "postmaster.pid" already exists/,
  });
  return Object.assign(engine, {
    databaseUrl: (name: string) => {
      const database = options.databases?.find((one) => one.name === name);
      if (!database) throw new Error(`no database ${name} was asked for`);
      const { password } = database;
      return password === undefined ? urlOf('postgres', options.password, name) : urlOf(name, password, name);
    },
  });
}

/** PostgreSQL reads a key only if it belongs to whom it runs as, and nobody else may. */
async function tlsSettings(
  dataDir: string,
  given: { certificate: string; key: string },
  user: ServerUser | undefined,
): Promise<Record<string, string>> {
  const certificate = join(dataDir, 'server.crt');
  const key = join(dataDir, 'server.key');
  await copyFile(given.certificate, certificate);
  await copyFile(given.key, key);
  if (user) for (const file of [certificate, key]) await chown(file, user.uid, user.gid);
  return { ssl: 'on', ssl_cert_file: certificate, ssl_key_file: key };
}
