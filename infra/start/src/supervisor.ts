import { setTimeout as sleep } from 'node:timers/promises';
import { type ManagedProcess, type ProcessExit, StartError } from '@switchboard/embedded';

export interface Supervisor {
  /**
   * Keeps a started process alive from now on.
   * @param readsEvents an event may kill it, and is set aside after some deaths
   */
  watch(kind: 'engine' | 'service', process: ManagedProcess, readsEvents?: boolean): void;
  get(name: string): ManagedProcess;
  /** How all of them are now. */
  list(): Supervised[];
  /** Signals a process; that it ends by this is no crash, and it is started again. */
  kill(name: string, signal: NodeJS.Signals): Promise<void>;
  /** Stops a process and leaves it stopped until `release`. */
  hold(name: string): Promise<void>;
  release(name: string): Promise<void>;
  /** Settles, with the reason, when a process crashed too often. */
  readonly gaveUp: Promise<Error>;
  /** Ends everything: first what is named, one after another, then the rest together. */
  stopAll(first: readonly string[]): Promise<void>;
}

/** How a process is. */
export interface Supervised {
  kind: 'engine' | 'service';
  process: ManagedProcess;
  state: 'runs' | 'starts again' | 'held';
  /** How often it was started again. */
  restarts: number;
  /** How it ended last, and how often lately; undefined when it never did by itself. */
  lastEnd?: string;
}

export interface SupervisorOptions {
  say?: (line: string) => void;
  /** Called whenever {@link Supervisor.list} has something new. */
  changed?: () => void;
  /** The pause after a first end in a minute; each further one makes it four times as long. */
  firstWaitMs?: number;
  /** What reads events and crashes after so long is not to blame. */
  workedMs?: number;
}

interface Unit {
  kind: 'engine' | 'service';
  process: ManagedProcess;
  readsEvents: boolean;
  down: boolean;
  /** Called by `release`; there while it is held. */
  held?: { promise: Promise<void>; resolve: () => void };
  expected: boolean;
  /** When it ended in the last minute, whatever the reason; of those, when it was to blame. */
  ends: number[];
  crashes: number[];
  restarts: number;
  /** When it was last there, having started. */
  startedAt: number;
  lastEnd?: string;
  restarting: Promise<void>;
}

const WINDOW_MS = 60_000;
const MOST_CRASHES = 5;
/** A service that can't live without an engine is not to blame while that one is away, and so long after. */
const ENGINE_GRACE_MS = 15_000;
/**
 * What reads events and worked for so long before it crashed is not broken: an event may have killed it. Each death counts
 * against that event, which comes again only when its dead reader has lost its place in the group, after ten seconds; then it
 * is set aside.
 */
const WORKED_MS = 5_000;
/** A process that is not to blame is tried again at least this often. */
const LONGEST_WAIT_MS = 5_000;
/** From so many ends by SIGKILL in a minute on, more is said of them. */
const MANY_KILLS = 3;
const STILL_KILLED =
  ', for as long as somebody kills it: the system does when memory runs out, and tells so in its own log (dmesg)';
/** Signals by which a program itself fails; all others were sent to it by somebody. */
const FAULTS: ReadonlySet<string | null> = new Set([
  'SIGSEGV',
  'SIGABRT',
  'SIGBUS',
  'SIGILL',
  'SIGFPE',
  'SIGTRAP',
  'SIGSYS',
]);
/** How programs end that obey SIGTERM, SIGINT or SIGHUP: Node and Postgres by 0, a JVM by 128 and the signal's number. */
const OBEYED: ReadonlySet<number | null> = new Set([0, 129, 130, 143]);

/**
 * Starts again, after a growing pause, each process that ends by itself, while the others go on. A process that
 * crashes five times in a minute ends the whole. It is no crash when a process was ended by a signal, when it cannot
 * start until its disk has room, when what reads events had worked for a while, or when a service ended while an engine was
 * away.
 */
export function createSupervisor(options: SupervisorOptions = {}): Supervisor {
  const {
    say = () => undefined,
    changed = () => undefined,
    firstWaitMs = 100,
    workedMs = WORKED_MS,
  } = options;
  const units = new Map<string, Unit>();
  const gaveUp = Promise.withResolvers<Error>();
  let stopping = false;
  let engineTroubleAt = Number.NEGATIVE_INFINITY;

  const unitOf = (name: string) => {
    const unit = units.get(name);
    if (!unit) throw new Error(`no process ${name}; there are ${[...units.keys()].join(', ')}`);
    return unit;
  };
  const engineTrouble = () => {
    const down = [...units.values()].some((unit) => unit.kind === 'engine' && unit.down);
    return down || Date.now() - engineTroubleAt < ENGINE_GRACE_MS;
  };

  /** @returns how long to wait before it is started again */
  const noteEnd = (unit: Unit, exit: ProcessExit, failure?: unknown): number => {
    const now = Date.now();
    const lately = (at: number) => at > now - WINDOW_MS;
    const sent = failure === undefined && wasSignalled(exit);
    const full = failure instanceof StartError && failure.code === 'disk_full';
    const worked = unit.readsEvents && failure === undefined && now - unit.startedAt >= workedMs;
    const blameless = unit.expected || sent || full || worked || (unit.kind === 'service' && engineTrouble());
    const asked = unit.expected;
    unit.expected = false;
    unit.ends = [...unit.ends.filter(lately), ...(asked ? [] : [now])];
    unit.crashes = [...unit.crashes.filter(lately), ...(blameless ? [] : [now])];
    const how = failure instanceof Error ? failure.message : (exit.signal ?? `exit code ${exit.code}`);
    if (unit.crashes.length >= MOST_CRASHES) {
      const { name, logFile } = unit.process;
      gaveUp.resolve(crashedTooOften(name, how, logFile));
    }
    const often = unit.ends.length > 1 ? `, ${unit.ends.length} times in a minute` : '';
    unit.lastEnd = `${how}${often}`;
    const killed = sent && !asked && exit.signal === 'SIGKILL' && unit.ends.length >= MANY_KILLS;
    say(`${unit.process.name} ended (${unit.lastEnd}); starting it again${killed ? STILL_KILLED : ''}`);
    const wait = firstWaitMs * 4 ** Math.max(0, Math.min(unit.ends.length, MOST_CRASHES) - 1);
    return blameless ? Math.min(wait, LONGEST_WAIT_MS) : wait;
  };

  const keepAlive = async (unit: Unit): Promise<void> => {
    let failure: unknown;
    while (!stopping) {
      const exit = await unit.process.exited;
      unit.down = true;
      if (stopping) return;
      changed();
      if (unit.held) {
        await unit.held.promise;
      } else {
        if (unit.kind === 'engine') engineTroubleAt = Date.now();
        await sleep(noteEnd(unit, exit, failure));
        if (unit.held) continue;
      }
      if (stopping) return;
      failure = undefined;
      const restarting = unit.process.restart();
      unit.restarting = restarting.catch((error: unknown) => {
        failure = error;
      });
      await unit.restarting;
      unit.startedAt = Date.now();
      unit.down = failure !== undefined;
      unit.restarts += 1;
      if (stopping) return;
      changed();
      if (!unit.down) say(`${unit.process.name} runs again`);
      if (unit.kind === 'engine') engineTroubleAt = Date.now();
    }
  };

  return {
    gaveUp: gaveUp.promise,
    watch(kind, process, readsEvents = false) {
      const unit: Unit = {
        kind,
        process,
        readsEvents,
        down: false,
        expected: false,
        ends: [],
        crashes: [],
        restarts: 0,
        startedAt: Date.now(),
        restarting: Promise.resolve(),
      };
      units.set(process.name, unit);
      changed();
      void keepAlive(unit);
    },
    get: (name) => unitOf(name).process,
    list: () =>
      [...units.values()].map(({ kind, process, held, down, restarts, lastEnd }) => ({
        kind,
        process,
        state: held ? 'held' : down ? 'starts again' : 'runs',
        restarts,
        lastEnd,
      })),
    async kill(name, signal) {
      const unit = unitOf(name);
      if (!unit.down) unit.expected = signal !== 'SIGSTOP' && signal !== 'SIGCONT';
      await unit.process.kill(signal);
    },
    async hold(name) {
      const unit = unitOf(name);
      if (unit.held) return;
      unit.held = Promise.withResolvers<void>();
      await unit.restarting;
      await unit.process.stop();
    },
    async release(name) {
      const unit = unitOf(name);
      const { held } = unit;
      unit.held = undefined;
      held?.resolve();
      while (unit.down && !stopping) await sleep(50);
    },
    async stopAll(first) {
      stopping = true;
      for (const unit of units.values()) unit.held?.resolve();
      const end = async (name: string) => {
        const unit = unitOf(name);
        // Breaks a start off that may hang, as it might for minutes.
        await unit.process.stop();
        await unit.restarting;
      };
      for (const name of first.filter((known) => units.has(known))) await end(name);
      await Promise.all([...units.keys()].filter((name) => !first.includes(name)).map(end));
    },
  };
}

function wasSignalled({ code, signal }: ProcessExit): boolean {
  return signal === null ? OBEYED.has(code) : !FAULTS.has(signal);
}

function crashedTooOften(name: string, how: string, logFile: string): StartError {
  return new StartError(
    'crashed_too_often',
    `${name} crashed ${MOST_CRASHES} times in a minute, last by ${how}; see ${logFile} (npm run logs -- ${name}).`,
  );
}
