import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  childEnv,
  freePort,
  type KafkaEngine,
  type ManagedProcess,
  type PostgresEngine,
  startKafka,
  startPostgres,
  startProcess,
} from '@switchboard/embedded';
import { createCodec, ensureTopics, registerSchemas } from '@switchboard/kafka';
import { createSealer, type Sealer } from '@switchboard/platform';
import { migrate } from '@switchboard/postgres';
import { clinics, seedClinics } from './clinics.ts';
import { type ForwardedPort, forwardPort } from './forward-port.ts';
import { readTopics, type TopicReader } from './topic-reader.ts';

/** Ingest as a process, with a broker and a Postgres of its own that a test may stop. */
export interface IngestStack {
  kafka: KafkaEngine;
  postgres: PostgresEngine;
  /** Ingest's way to the registry. */
  registry: ForwardedPort;
  ingest: ManagedProcess;
  topics: TopicReader;
  /** Of topic names. */
  prefix: string;
  sealer: Sealer;
  /** Starts one more ingest beside the first. */
  startIngest(settings?: Record<string, string>): Promise<ManagedProcess>;
  /** What an ingest has logged. */
  logOf(ingest: ManagedProcess): Promise<string>;
  stop(): Promise<void>;
}

const main = fileURLToPath(new URL('../main.ts', import.meta.url));
const password = 'switchboard';

export async function startIngestStack(registryUrl: string): Promise<IngestStack> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const one of stops.splice(0).toReversed()) await one();
  };
  try {
    return { ...(await startParts(registryUrl, stops)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startParts(
  registryUrl: string,
  stops: (() => Promise<void>)[],
): Promise<Omit<IngestStack, 'stop'>> {
  const dir = await mkdtemp(join(tmpdir(), 'switchboard-ingest-'));
  const prefix = `ingest-${randomBytes(4).toString('hex')}.`;
  const secretsKey = randomBytes(32);
  const pseudonymKey = randomBytes(32);
  stops.push(() => rm(dir, { recursive: true, force: true }));
  const started = async <T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
    const part = await starting;
    stops.push(() => part.stop());
    return part;
  };

  const starting = [
    started(startKafka({ dataDir: join(dir, 'kafka'), heapMb: 384 })),
    started(startPostgres({ dataDir: join(dir, 'postgres'), password, settings: { fsync: 'off' } })),
  ] as const;
  await Promise.allSettled(starting);
  const [kafka, postgres] = await Promise.all(starting);
  const target = new URL(registryUrl);
  const registry = await started(forwardPort({ host: target.hostname, port: Number(target.port) }));
  await ensureTopics({ brokers: [kafka.url], prefix, partitions: 2 });
  await registerSchemas({ registryUrl, prefix });
  const roles = {
    switchboard_migrate: password,
    switchboard_ingest: password,
    switchboard_enrich: password,
    switchboard_sink: password,
    switchboard_api: password,
  };
  await migrate({ adminUrl: postgres.url, rolePasswords: roles });
  const sealer = createSealer(secretsKey);
  await seedClinics(postgres.url, sealer);

  const startIngest = async (settings: Record<string, string> = {}) => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    return started(
      startProcess({
        name: `ingest-${port}`,
        port,
        url,
        logFile: logFile(dir, port),
        command: process.execPath,
        args: [main],
        cwd: dir,
        env: {
          ...childEnv(),
          PORT: String(port),
          LOG_LEVEL: 'debug',
          KAFKA_BROKERS: kafka.url,
          KAFKA_TOPIC_PREFIX: prefix,
          SCHEMA_REGISTRY_URL: registryUrl.replace(target.host, `127.0.0.1:${registry.port}`),
          SCHEMA_CACHE_DIR: join(dir, 'schemas'),
          DATABASE_URL: postgres.url.replace('//postgres:', '//switchboard_ingest:'),
          SECRETS_KEY: secretsKey.toString('base64'),
          PSEUDONYM_KEY: pseudonymKey.toString('base64'),
          DEFAULT_TENANT_ID: clinics.asha.id,
          ZOICE_WEBHOOK_SECRET: clinics.asha.defaultSecret,
          TWILIO_WEBHOOK_SECRET: 'token of the default clinic',
          TWILIO_PUBLIC_URL: 'https://hooks.example',
          INGEST_TENANTS_REFRESH_MS: '500',
          ...settings,
        },
        isReady: (log) => log.includes('listening'),
        readyTimeoutMs: 30_000,
        stopSignal: 'SIGTERM',
        stopTimeoutMs: 20_000,
      }),
    );
  };

  const ingest = await startIngest();
  const codec = createCodec({ registryUrl, prefix, cacheDir: join(dir, 'reader') });
  const topics = await started(readTopics({ broker: kafka.url, prefix, codec }));
  return {
    kafka,
    postgres,
    registry,
    ingest,
    topics,
    prefix,
    sealer,
    startIngest,
    logOf: ({ port }) => readFile(logFile(dir, port), 'utf8'),
  };
}

function logFile(dir: string, port: number): string {
  return join(dir, `ingest-${port}.log`);
}
