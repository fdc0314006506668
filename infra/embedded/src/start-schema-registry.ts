import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fingerprint, REGISTRY_VERSION, registryArchive } from './artifacts.ts';
import { childEnv } from './child-env.ts';
import { classArchive } from './class-archive.ts';
import { checkDataVersion, noteDataVersion } from './data-version.ts';
import { freePort } from './free-port.ts';
import { type FetchOptions, fetchArtifact } from './jar-cache.ts';
import { requireJava } from './java.ts';
import { type ManagedProcess, type StartLimits, startProcess } from './managed-process.ts';

export interface SchemaRegistryOptions extends StartLimits, FetchOptions {
  /** Holds the log and, when there is no `postgresUrl`, the schemas; made when missing. */
  dataDir: string;
  port?: number;
  /** A database of its own for the schemas, `postgres://user:password@host:port/database`. */
  postgresUrl?: string;
  logFile?: string;
  heapMb?: number;
  /** Its directory, fetched and verified; without it that is done. */
  home?: string;
}

/** `url` is the Confluent-compatible base, as in SCHEMA_REGISTRY_URL. */
export type SchemaRegistryEngine = ManagedProcess;

/** Starts Apicurio Registry, which speaks the Confluent API under `/apis/ccompat/v7`. */
export async function startSchemaRegistry(options: SchemaRegistryOptions): Promise<SchemaRegistryEngine> {
  const javaVersion = await requireJava();
  const dataDir = resolve(options.dataDir);
  await checkDataVersion('the schema registry', dataDir, REGISTRY_VERSION);
  const artifact = registryArchive();
  const home = options.home ?? (await fetchArtifact(artifact, options));
  const port = options.port ?? (await freePort());
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const url = `http://127.0.0.1:${port}/apis/ccompat/v7`;
  const archive = classArchive(`${home}-${fingerprint(artifact)}-java-${javaVersion}`);
  const engine = await startProcess({
    name: 'schema-registry',
    port,
    url,
    logFile: options.logFile ?? join(dataDir, 'schema-registry.log'),
    command: 'java',
    args: [
      ...archive.args,
      `-Xmx${options.heapMb ?? 160}m`,
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      '-XX:-UsePerfData',
      '-jar',
      join(home, `apicurio-registry-app-${REGISTRY_VERSION}-runner.jar`),
    ],
    cwd: dataDir,
    env: childEnv({
      QUARKUS_HTTP_HOST: '127.0.0.1',
      QUARKUS_HTTP_PORT: String(port),
      QUARKUS_HTTP_ACCESS_LOG_ENABLED: 'false',
      QUARKUS_LOG_LEVEL: 'WARN',
      QUARKUS_LOG_CATEGORY__IO_APICURIO__LEVEL: 'WARN',
      APICURIO_STORAGE_KIND: 'sql',
      APICURIO_DATASOURCE_JDBC_INITIAL_SIZE: '1',
      APICURIO_DATASOURCE_JDBC_MIN_SIZE: '1',
      APICURIO_DATASOURCE_JDBC_MAX_SIZE: '8',
      ...storage(dataDir, options.postgresUrl),
    }),
    isReady: () => answers(`${url}/subjects`),
    readyTimeoutMs: options.readyTimeoutMs ?? 90_000,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 30_000,
    onExit: archive.onExit,
    signal: options.signal,
  });
  await noteDataVersion(dataDir, REGISTRY_VERSION);
  return engine;
}

function storage(dataDir: string, postgresUrl: string | undefined): Record<string, string> {
  if (postgresUrl === undefined) {
    return {
      APICURIO_STORAGE_SQL_KIND: 'h2',
      // Without it a schema answered for is lost when the process is killed within the next half second.
      APICURIO_DATASOURCE_URL: `jdbc:h2:file:${join(dataDir, 'schemas')};WRITE_DELAY=0`,
    };
  }
  const { hostname, port, pathname, username, password } = new URL(postgresUrl);
  return {
    APICURIO_STORAGE_SQL_KIND: 'postgresql',
    APICURIO_DATASOURCE_URL: `jdbc:postgresql://${hostname}:${port || 5432}${pathname}`,
    APICURIO_DATASOURCE_USERNAME: decodeURIComponent(username),
    APICURIO_DATASOURCE_PASSWORD: decodeURIComponent(password),
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
