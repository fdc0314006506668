import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { childEnv } from './child-env.ts';
import { classArchive } from './class-archive.ts';
import { freePort } from './free-port.ts';
import { requireJava } from './java.ts';
import {
  type BrokerPorts,
  listenerProperties,
  type SecureListener,
  scramArguments,
} from './kafka-listener.ts';
import { type ManagedProcess, startProcess } from './managed-process.ts';
import { fetchJars, type Progress } from './maven.ts';

export interface KafkaOptions {
  /** Holds the log directories, the configuration and the log; made when missing. */
  dataDir: string;
  /** Of the broker; a free one unless given. */
  port?: number;
  logFile?: string;
  heapMb?: number;
  /** Makes clients speak TLS, and log in; users are made with the data directory. */
  secure?: SecureListener;
  cacheDir?: string;
  progress?: Progress;
}

/** `url` is `host:port`, as in KAFKA_BROKERS. */
export type KafkaEngine = ManagedProcess;

const VERSION = '4.3.1';
const MAX_MESSAGE_BYTES = 8 * 1024 * 1024;

const run = promisify(execFile);

/** Starts one Apache Kafka broker in KRaft mode, formatting its directory the first time. */
export async function startKafka(options: KafkaOptions): Promise<KafkaEngine> {
  const javaVersion = await requireJava();
  const dataDir = resolve(options.dataDir);
  const jars = await fetchJars(
    `kafka-${VERSION}`,
    [
      { groupId: 'org.apache.kafka', artifactId: 'kafka_2.13', version: VERSION },
      { groupId: 'org.apache.logging.log4j', artifactId: 'log4j-slf4j-impl', version: '2.25.4' },
    ],
    options,
  );
  const port = options.port ?? (await freePort());
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const properties = join(dataDir, 'server.properties');
  const logging = join(dataDir, 'log4j2.properties');
  const ports = { client: port, internal: await freePort(), controller: await freePort() };
  await writeFile(properties, serverProperties(dataDir, ports, options.secure), { mode: 0o600 });
  await writeFile(logging, LOGGING);
  const java = (heapMb: number, main: string, ...args: string[]) => [
    `-Xmx${heapMb}m`,
    '-XX:-UsePerfData',
    `-Dlog4j2.configurationFile=${logging}`,
    '-cp',
    join(jars, '*'),
    main,
    ...args,
  ];
  if (!existsSync(join(dataDir, 'logs', 'meta.properties'))) {
    // A leading dash would be read as an option.
    const clusterId = randomBytes(16).toString('base64url').replace(/^-/, 'A');
    const format = ['format', '-t', clusterId, '-c', properties, ...scramArguments(options.secure)];
    await run('java', java(128, 'kafka.tools.StorageTool', ...format));
  }
  const archive = classArchive(`${jars}-java-${javaVersion}`);
  return startProcess({
    name: 'kafka',
    port,
    url: `127.0.0.1:${port}`,
    logFile: options.logFile ?? join(dataDir, 'kafka.log'),
    command: 'java',
    args: [...archive.args, ...java(options.heapMb ?? 512, 'kafka.Kafka', properties)],
    cwd: dataDir,
    env: childEnv(),
    isReady: (log) => log.includes('Kafka Server started'),
    readyTimeoutMs: 60_000,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 30_000,
    // A killed start's broker may still be ending.
    retryWhen: /Failed to acquire lock/,
    onExit: archive.onExit,
  });
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
