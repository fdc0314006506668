import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { fingerprint, KAFKA_VERSION, kafkaJars, pinsOf } from './artifacts.ts';
import { childEnv } from './child-env.ts';
import { classArchive } from './class-archive.ts';
import { checkDataVersion, noteDataVersion, otherVersion, readOr } from './data-version.ts';
import { freePort } from './free-port.ts';
import { type FetchOptions, fetchArtifact } from './jar-cache.ts';
import { requireJava } from './java.ts';
import {
  type BrokerPorts,
  listenerProperties,
  type SecureListener,
  scramArguments,
} from './kafka-listener.ts';
import { type ManagedProcess, type StartLimits, startProcess } from './managed-process.ts';
import { runGuarded } from './run-guarded.ts';
import { explainDisk, StartError } from './start-error.ts';

export interface KafkaOptions extends StartLimits, FetchOptions {
  /** Holds the log directories, the configuration and the log; made when missing. */
  dataDir: string;
  /** Of the broker; a free one unless given. */
  port?: number;
  /** Where clients are told to come, if something stands between. */
  advertisedPort?: number;
  logFile?: string;
  heapMb?: number;
  /** Makes clients speak TLS, and log in; users are made with the data directory. */
  secure?: SecureListener;
  /** The directory of its jars, fetched and verified; without it they are. */
  jars?: string;
}

/** `url` is `host:port`, as in KAFKA_BROKERS. */
export type KafkaEngine = ManagedProcess;

const READY_MS = 60_000;
/** Of `meta.properties`, since KRaft; and the one node that a directory of ours has. */
const META = { version: '1', 'node.id': '1' };
const MAX_MESSAGE_BYTES = 8 * 1024 * 1024;

/** Starts one Apache Kafka broker in KRaft mode, formatting its directory the first time. */
export async function startKafka(options: KafkaOptions): Promise<KafkaEngine> {
  const javaVersion = await requireJava();
  const dataDir = resolve(options.dataDir);
  const meta = join(dataDir, 'logs', 'meta.properties');
  await checkMeta(dataDir, await readOr(meta, ''));
  await checkDataVersion('Kafka', dataDir, KAFKA_VERSION);
  const artifact = kafkaJars();
  const jars = options.jars ?? (await fetchArtifact(artifact, options));
  const port = options.port ?? (await freePort());
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const properties = join(dataDir, 'server.properties');
  const logging = join(dataDir, 'log4j2.properties');
  const ports = {
    client: port,
    advertised: options.advertisedPort,
    internal: await freePort(),
    controller: await freePort(),
  };
  await writeFile(properties, serverProperties(dataDir, ports, options.secure), { mode: 0o600 });
  await writeFile(logging, LOGGING);
  const classPath = pinsOf(artifact).files.map(({ path }) => join(jars, path));
  const java = (heapMb: number, main: string, ...args: string[]) => [
    `-Xmx${heapMb}m`,
    '-XX:-UsePerfData',
    // The second compiler took more than the broker itself in the first minutes, on cores that it shares with all others.
    '-XX:TieredStopAtLevel=1',
    `-Dlog4j2.configurationFile=${logging}`,
    '-cp',
    classPath.join(delimiter),
    main,
    ...args,
  ];
  if ((await readOr(meta, '')) === '') {
    // A leading dash would be read as an option.
    const clusterId = randomBytes(16).toString('base64url').replace(/^-/, 'A');
    const identity = ['format', '-t', clusterId, '-c', properties, ...scramArguments(options.secure)];
    await format(dataDir, java(128, 'kafka.tools.StorageTool', ...identity), options);
  }
  const archive = classArchive(`${jars}-${fingerprint(artifact)}-java-${javaVersion}`);
  const engine = await startProcess({
    name: 'kafka',
    port,
    url: `127.0.0.1:${port}`,
    logFile: options.logFile ?? join(dataDir, 'kafka.log'),
    command: 'java',
    args: [...archive.args, ...java(options.heapMb ?? 512, 'kafka.Kafka', properties)],
    cwd: dataDir,
    env: childEnv(),
    isReady: (log) => log.includes('Kafka Server started'),
    readyTimeoutMs: options.readyTimeoutMs ?? READY_MS,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 30_000,
    // A killed start's broker may still be ending.
    retryWhen: /Failed to acquire lock/,
    onExit: archive.onExit,
    signal: options.signal,
  });
  await noteDataVersion(dataDir, KAFKA_VERSION);
  return engine;
}

async function checkMeta(dataDir: string, properties: string): Promise<void> {
  if (properties === '') return;
  for (const [key, needed] of Object.entries(META)) {
    const [, found = 'none'] = new RegExp(`^${key}=(.*)$`, 'm').exec(properties) ?? [];
    if (found.trim() !== needed) {
      throw otherVersion(
        'Kafka',
        dataDir,
        `(meta.properties: ${key}=${found})`,
        `${KAFKA_VERSION} (${key}=${needed})`,
      );
    }
  }
}

/** Gives the log directory its identity; when that fails, nothing of it stays. */
async function format(
  dataDir: string,
  args: string[],
  { signal: asked, readyTimeoutMs = READY_MS }: StartLimits,
): Promise<void> {
  const late = AbortSignal.timeout(readyTimeoutMs);
  const signal = AbortSignal.any([late, ...(asked ? [asked] : [])]);
  try {
    const { code, complaints } = await runGuarded({ command: 'java', args, env: childEnv(), signal });
    if (code === 0) return;
    const lines = complaints.trim().split('\n').slice(-15).join('\n');
    const cause = new Error(complaints);
    const full = explainDisk(cause, dataDir);
    if (full instanceof StartError) throw full;
    const what = `kafka could not format ${dataDir}. Its last lines:\n${lines}`;
    throw new StartError('process_died', what, { cause });
  } catch (error) {
    await rm(join(dataDir, 'logs'), { recursive: true, force: true });
    asked?.throwIfAborted();
    if (!late.aborted) throw explainDisk(error, dataDir);
    throw new StartError(
      'process_hung',
      `kafka did not format its directory within ${readyTimeoutMs / 1000} s, and was ended. On a slow machine give it longer: npm start -- --patience SECONDS.`,
      { cause: error },
    );
  }
}

function serverProperties(dataDir: string, ports: BrokerPorts, secure: SecureListener | undefined): string {
  const settings = {
    ...listenerProperties(ports, secure),
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${ports.controller}`,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': join(dataDir, 'logs'),
    'auto.create.topics.enable': false,
    'message.max.bytes': MAX_MESSAGE_BYTES,
    'replica.fetch.max.bytes': MAX_MESSAGE_BYTES,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 8,
    // Longer than topics keep events: a group that was away for that long learns that it lost some.
    'offsets.retention.minutes': 30 * 24 * 60,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    // A broker that was killed is let in again only when its old session is over.
    'broker.session.timeout.ms': 3_000,
    'broker.heartbeat.interval.ms': 500,
    'log.cleaner.dedupe.buffer.size': 16 * 1024 * 1024,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'background.threads': 4,
  };
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

const LOGGING = `appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d %p %c{1} %m%n
rootLogger.level=warn
rootLogger.appenderRef.out.ref=out
logger.started.name=kafka.server.KafkaRaftServer
logger.started.level=info
`;
