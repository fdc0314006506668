import { mkdir, readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startProcess } from '@switchboard/embedded';
import { demoClinic } from './demo-clinic.ts';
import { type Demo, removeDemoFile, writeDemoFile } from './demo-file.ts';
import { takeLock } from './lock.ts';
import { choosePorts, type PortName, type Ports } from './ports.ts';
import { prepareStores } from './prepare-stores.ts';
import { loadSecrets } from './secrets.ts';
import { demoTenantId } from './seed-demo-tenant.ts';
import { type ServiceName, serviceNames, serviceProcess } from './services.ts';
import { type GivenEngines, startEngines } from './start-engines.ts';
import { createSupervisor, type Supervisor } from './supervisor.ts';

export interface StartOptions {
  /** Holds the data, the logs, `secrets.json` and, while it runs, `demo.json`; made when missing. */
  dir: string;
  /** Wanted ports; what is not named gets any free port. */
  ports?: Partial<Ports>;
  /** Engines that are there already. */
  given?: GivenEngines;
  /** Forgets what `dir` holds. */
  reset?: boolean;
  /** Which services are started; all unless told. */
  services?: readonly ServiceName[];
  /** Gets a line per step. */
  say?: (line: string) => void;
  /** Environment of the services, below what is decided here. */
  inherited?: Record<string, string>;
  /** Environment of all services, over what is decided here. */
  env?: Record<string, string>;
  /** Environment of one service, over all else. */
  serviceEnv?: Partial<Record<ServiceName, Record<string, string>>>;
  /** Breaks the start off; what has been started is stopped. */
  signal?: AbortSignal;
}

/** Name of a process: a service, or an embedded engine. */
export type ProcessName = PortName;

/** A running installation. */
export interface Switchboard {
  readonly dir: string;
  readonly demo: Demo;
  pid(name: ProcessName): number;
  /** Signals a process, SIGKILL unless told; the supervisor starts it again when it ends. */
  kill(name: ProcessName, signal?: NodeJS.Signals): Promise<void>;
  /** Stops a process and leaves it stopped. */
  hold(name: ProcessName): Promise<void>;
  /** Starts a process that was held. */
  release(name: ProcessName): Promise<void>;
  restart(name: ProcessName): Promise<void>;
  /** Waits until these services, or all, answer that they are ready. */
  ready(names?: readonly ServiceName[]): Promise<void>;
  /** Settles, with the reason, when a process crashed too often; `stop` is still to be called. */
  readonly gaveUp: Promise<Error>;
  /** Ends services, sinks last, then engines; data stays. */
  stop(): Promise<void>;
}

const READY_MS = 90_000;

/**
 * Starts engines and services, each a process of its own, on one data directory.
 *
 * @throws Error when one of them can't be started; then none stays.
 */
export async function startSwitchboard(options: StartOptions): Promise<Switchboard> {
  const dir = resolve(options.dir);
  const { say = () => undefined, given = {} } = options;
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const lock = await takeLock(dir);
  const supervisor = createSupervisor(say);
  const stop = async () => {
    await removeDemoFile(dir);
    await supervisor.stopAll(serviceNames);
    await lock.release();
  };
  try {
    if (options.reset) await forget(dir);
    await removeDemoFile(dir);
    const ports = await choosePorts(options.ports ?? {}, say);
    await lock.notePorts(Object.values(ports));
    const secrets = await loadSecrets(dir);
    const step = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
      options.signal?.throwIfAborted();
      const started = Date.now();
      const result = await work();
      say(`${what}: ready (${((Date.now() - started) / 1000).toFixed(1)} s)`);
      return result;
    };
    const engines = startEngines({
      dir,
      ports,
      secrets,
      given,
      step,
      say,
      started: (engine) => supervisor.watch('engine', engine),
    });
    const { inherited = {}, env = {}, serviceEnv = {} } = options;
    const { KAFKA_TOPIC_PREFIX = 'switchboard.', CLICKHOUSE_DATABASE = 'switchboard' } = {
      ...inherited,
      ...env,
    };
    const urls = await prepareStores({
      engines,
      secrets,
      topicPrefix: KAFKA_TOPIC_PREFIX,
      clickhouseDatabase: CLICKHOUSE_DATABASE,
      step,
    });
    const service = { dir, ports, secrets, urls, tenantId: demoTenantId, inherited, env, serviceEnv };
    const services = serviceNames.filter((name) => options.services?.includes(name) ?? true);
    for (const name of services.toReversed()) {
      options.signal?.throwIfAborted();
      supervisor.watch('service', await startProcess(serviceProcess(name, service)));
    }
    const ready = (names: readonly ServiceName[] = services) => untilReady(supervisor, names, options.signal);
    await step('Services', () => ready());
    const ingest = `http://127.0.0.1:${ports.ingest}`;
    const demo: Demo = {
      ingest,
      api: `http://127.0.0.1:${ports.api}`,
      kafka: urls.kafka,
      schema_registry: urls.schemaRegistry,
      postgres: urls.postgres,
      clickhouse: urls.clickhouse,
      analyst: { user: 'analyst', password: secrets.analystPassword },
      tenant: demoTenantId,
      login: { email: demoClinic.ownerEmail, password: secrets.loginPassword },
      api_key: secrets.apiKey,
      voice_agent_api_key: secrets.voiceAgentApiKey,
      webhook_secret: secrets.webhookSecret,
      twilio_auth_token: secrets.twilioAuthToken,
      twilio_public_url: ingest,
    };
    await writeDemoFile(dir, demo);
    return {
      dir,
      demo,
      pid: (name) => supervisor.get(name).pid,
      kill: (name, signal = 'SIGKILL') => supervisor.kill(name, signal),
      hold: supervisor.hold,
      release: supervisor.release,
      async restart(name) {
        await supervisor.hold(name);
        await supervisor.release(name);
      },
      ready,
      gaveUp: supervisor.gaveUp,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function forget(dir: string): Promise<void> {
  for (const entry of await readdir(dir)) {
    if (entry !== 'start.pid') await rm(join(dir, entry), { recursive: true, force: true });
  }
}

async function untilReady(
  supervisor: Supervisor,
  names: readonly ServiceName[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const gaveUp = supervisor.gaveUp.then((reason) => {
    throw reason;
  });
  gaveUp.catch(() => undefined);
  await Promise.all(
    names.map((name) => Promise.race([gaveUp, poll(supervisor.get(name).url, name, signal)])),
  );
}

async function poll(url: string, name: string, signal: AbortSignal | undefined): Promise<void> {
  const deadline = Date.now() + READY_MS;
  let last = 'it does not answer';
  while (Date.now() < deadline) {
    signal?.throwIfAborted();
    try {
      const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(3_000) });
      if (response.ok) return;
      last = (await response.text()).slice(0, 500);
    } catch {
      last = 'it does not answer';
    }
    await sleep(50);
  }
  throw new Error(`${name} was not ready within ${READY_MS / 1000} s: ${last}`);
}
