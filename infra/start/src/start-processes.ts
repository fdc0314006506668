import { resolve } from 'node:path';
import {
  explainDisk,
  freePort,
  type MachineFacts,
  type ManagedProcess,
  startProcess,
} from '@switchboard/embedded';
import { choose, type EngineName } from './chosen.ts';
import { forget, refuseToForget, takeDir } from './data-dir.ts';
import { removeDemoFile } from './demo-file.ts';
import { type EngineAccess, type GivenEngines, urlsOf } from './engine-urls.ts';
import { warnOfLeftRecordings } from './left-recordings.ts';
import { releasePorts } from './port-claims.ts';
import { choosePorts, type PortName, type Ports, portNames } from './ports.ts';
import { preflight } from './preflight.ts';
import { prepareStores } from './prepare-stores.ts';
import { reachedThrough } from './reached-through.ts';
import { type RunningProcess, removeRunning, writeRunning } from './running-file.ts';
import { loadSecrets, type Secrets } from './secrets.ts';
import { demoTenantId } from './seed-clinic.ts';
import { type ServiceName, serviceNames, serviceProcess } from './services.ts';
import { startEngines } from './start-engines.ts';
import { createStep } from './step.ts';
import { createSupervisor, type Supervisor } from './supervisor.ts';
import { untilReady } from './until-ready.ts';

/** Name of a process: a service, or an embedded engine. */
export type ProcessName = PortName;

export interface StartProcessesOptions {
  /** Holds the data, the logs and `secrets.json`; made when missing. */
  dir: string;
  /** Wanted ports; what is not named gets any free port. */
  ports?: Partial<Ports>;
  /** A wanted port that is taken ends the start; otherwise a free one takes its place. */
  insistOnPorts?: boolean;
  /** Engines that are there already. */
  given?: GivenEngines;
  /** What is started, all unless told; what a service needs must be among it or given. */
  only?: readonly ProcessName[];
  /** Secrets that win over those kept in `secrets.json`. */
  givenSecrets?: Partial<Secrets>;
  /** What the secrets' key was before: a database that was set up with one of them is taken. */
  oldSecretsKeys?: readonly Buffer[];
  /** Forgets what `dir` holds; what never changes over data that stays is kept with it. */
  reset?: boolean;
  /** Gets a line per step. */
  say?: (line: string) => void;
  /** Gets a line of whatever goes wrong; `say` does unless told. */
  warn?: (line: string) => void;
  /** Environment of the services, below what is decided here. */
  inherited?: Record<string, string>;
  /** Environment of all services, over what is decided here. */
  env?: Record<string, string>;
  /** Environment of one service, over all else. */
  serviceEnv?: Partial<Record<ServiceName, Record<string, string>>>;
  /** Programs in the place of services' own: paths. */
  mains?: Partial<Record<ServiceName, string>>;
  /** Of every topic made now, in the place of its own number. */
  partitions?: number;
  /** Ports at which services reach embedded engines, where something stands between: each must lead to the engine's own. */
  reachedAt?: Partial<Record<EngineName, number>>;
  /** Breaks the start off; what has been started is stopped. */
  signal?: AbortSignal;
  /** How long each engine, and then the services, may take to be ready; each has its own limit unless told. */
  patienceMs?: number;
  /** Where fetched jars are kept; `~/.cache/switchboard` unless told. */
  cacheDir?: string;
  /** This machine's unless told. */
  facts?: MachineFacts;
}

/** Processes that are kept running on one data directory. */
export interface Processes {
  readonly dir: string;
  readonly ports: Ports;
  readonly secrets: Secrets;
  /** Of the engines that run or are given. */
  readonly engines: Partial<EngineAccess>;
  readonly supervisor: Supervisor;
  /** Waits until these services, or all, answer that they are ready. */
  ready(names?: readonly ServiceName[]): Promise<void>;
  /** Starts one more of a service, on a port of its own; it is not started again when it ends. */
  join(name: ServiceName): Promise<ManagedProcess>;
  /** Shows a process, which somebody else keeps, beside the others. */
  show(process: Omit<RunningProcess, 'state' | 'restarts'>): void;
  /** Ends services, sinks last, then engines; data stays. */
  stop(): Promise<void>;
}

/**
 * Starts engines and services, each a process of its own, on one data directory.
 *
 * @throws UsageError when something needed is not among what is to be started, or keys would be forgotten over data
 *   that stays.
 * @throws StartError for a known reason, with what to do; then no process, lock or half-made directory stays.
 */
export async function startProcesses(options: StartProcessesOptions): Promise<Processes> {
  const dir = resolve(options.dir);
  const { say = () => undefined, warn = say, given = {}, cacheDir, facts, patienceMs } = options;
  if (options.reset) refuseToForget(given);
  const chosen = choose(options.only, given);
  const programs = await preflight({
    dir,
    engines: chosen.engines,
    cacheDir,
    facts,
    progress: say,
    signal: options.signal,
  });
  options.signal?.throwIfAborted();
  const release = await takeDir(dir);
  const broken = new AbortController();
  const signal = AbortSignal.any([broken.signal, ...(options.signal ? [options.signal] : [])]);
  const since = new Date().toISOString();
  const shown = new Map<string, RunningProcess>();
  let ready = false;
  let engines: Partial<EngineAccess> = {};
  let noting = true;
  let taken: number[] = [];
  const note = () => {
    if (!noting) return;
    try {
      const urls = urlsOf(engines);
      writeRunning(dir, { since, ready, urls, processes: [...listed(supervisor), ...shown.values()] });
    } catch (error) {
      // A disk that got full is no reason to end what runs.
      warn(`npm run status can't be told: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const supervisor = createSupervisor({ say: warn, changed: note });
  const joined: ManagedProcess[] = [];
  const stop = async () => {
    await removeDemoFile(dir);
    await Promise.all(joined.map((one) => one.stop()));
    await supervisor.stopAll(serviceNames);
    noting = false;
    removeRunning(dir);
    await releasePorts(taken);
    await release();
  };
  try {
    if (options.reset) await forget(dir, given);
    const { inherited = {}, env = {}, serviceEnv = {} } = options;
    await warnOfLeftRecordings(dir, { ...inherited, ...env }.RECORDINGS_URL, warn);
    await removeDemoFile(dir);
    const names = portNames.filter((name) =>
      [...chosen.engines, ...chosen.services].some((one) => one === name),
    );
    const ports = await choosePorts({
      wanted: options.ports ?? {},
      names,
      insist: options.insistOnPorts,
      say: warn,
    });
    taken = names.map((name) => ports[name]);
    await release.notePorts(taken);
    const secrets = await loadSecrets(dir, options.givenSecrets);
    // What is being started beside a step that failed would be stopped anyway: it ends now, with the same reason.
    const step = createStep({ say, signal, patienceMs, failed: (error) => broken.abort(error) });
    const started = startEngines({
      dir,
      ports,
      secrets,
      given,
      chosen,
      programs,
      kafkaAdvertisedPort: options.reachedAt?.kafka,
      patienceMs,
      step,
      signal,
      started: (engine) => supervisor.watch('engine', engine),
    });
    const {
      KAFKA_TOPIC_PREFIX = 'switchboard.',
      CLICKHOUSE_DATABASE = 'switchboard',
      CLICKHOUSE_CLUSTER,
    } = { ...inherited, ...env };
    engines = await prepareStores({
      engines: started,
      secrets,
      oldSecretsKeys: options.oldSecretsKeys,
      topicPrefix: KAFKA_TOPIC_PREFIX,
      partitions: options.partitions,
      clickhouseDatabase: CLICKHOUSE_DATABASE,
      clickhouseCluster: CLICKHOUSE_CLUSTER || undefined,
      step,
      warn,
    });
    const service = {
      dir,
      ports,
      secrets,
      engines: reachedThrough(engines, options.reachedAt),
      tenantId: demoTenantId,
      inherited,
      env,
      serviceEnv,
      mains: options.mains,
    };
    for (const name of chosen.services.toReversed()) {
      signal.throwIfAborted();
      const readsEvents = name === 'enrich' || name === 'sink-postgres';
      supervisor.watch('service', await startProcess(serviceProcess(name, service)), readsEvents);
    }
    const untilAllReady = (names: readonly ServiceName[] = chosen.services) =>
      untilReady(supervisor, names, { signal: options.signal, patienceMs });
    if (chosen.services.length > 0) await step('Services', () => untilAllReady());
    ready = true;
    note();
    return {
      dir,
      ports,
      secrets,
      engines,
      supervisor,
      ready: untilAllReady,
      async join(name) {
        const spec = serviceProcess(name, { ...service, ports: { ...ports, [name]: await freePort() } });
        const one = await startProcess({ ...spec, logFile: `${spec.logFile}.${joined.length + 1}` });
        joined.push(one);
        return one;
      },
      show(process) {
        const restarts = shown.has(process.name) ? (shown.get(process.name)?.restarts ?? 0) + 1 : 0;
        shown.set(process.name, { ...process, state: 'runs', restarts });
        note();
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw explainDisk(error, dir);
  }
}

function listed(supervisor: Supervisor): RunningProcess[] {
  return supervisor
    .list()
    .map(({ kind, state, restarts, lastEnd, process: { name, pid, port, logFile } }) => ({
      name,
      kind,
      state,
      pid,
      port,
      logFile,
      restarts,
      lastEnd,
    }));
}
