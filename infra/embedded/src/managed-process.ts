import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, renameSync, statSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { diagnose, type Failure } from './diagnose.ts';
import { startGuard } from './guard.ts';
import { StartError } from './start-error.ts';

/** How long an engine's start may take, and what breaks it off. */
export interface StartLimits {
  /** Longer than the engine is usually given, or shorter. */
  readyTimeoutMs?: number;
  /** The engine is ended, and the reason is thrown. */
  signal?: AbortSignal;
}

/** How a process ended. */
export interface ProcessExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** One process on a port, started and ended by this one: an engine or a service. Port and data stay over restarts. */
export interface ManagedProcess {
  readonly name: string;
  readonly port: number;
  readonly url: string;
  /** What it prints goes here. */
  readonly logFile: string;
  /** Of the process that runs now, or ran last. */
  readonly pid: number;
  /** Settles when the process that runs now ends, whoever ended it. */
  readonly exited: Promise<ProcessExit>;
  /**
   * Ends it in order and waits; a process that does not end in time is killed. A restart that goes on is broken off: it
   * throws.
   */
  stop(): Promise<void>;
  /** Sends a signal, SIGKILL unless told; waits for the end if it is SIGKILL. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it anew on the same port and data, ending it first if it runs. Resolves when it is ready. */
  restart(): Promise<void>;
}

export interface ProcessSpec {
  name: string;
  port: number;
  url: string;
  logFile: string;
  command: string;
  args: string[];
  cwd?: string;
  /** The whole environment of the process. */
  env: Record<string, string>;
  uid?: number;
  gid?: number;
  /** Asked again and again until true; `log` is what this process has printed so far. */
  isReady(log: string): boolean | Promise<boolean>;
  readyTimeoutMs: number;
  stopSignal: NodeJS.Signals;
  stopTimeoutMs: number;
  /** An early end whose log matches is tried again until the time is up. */
  retryWhen?: RegExp;
  /** Called each time the process has ended. */
  onExit?(exit: ProcessExit): void;
  /** Breaks the first start off; a restart is broken off by {@link ManagedProcess.stop}. */
  signal?: AbortSignal;
}

interface Running {
  child: ChildProcess;
  pid: number;
  exited: Promise<ProcessExit>;
}

const LOG_ROTATE_BYTES = 10 * 1024 * 1024;
const POLL_MS = 40;

/**
 * Starts a process and waits until it is ready.
 *
 * @throws StartError `process_died` when it ends before, `process_hung` when it is not ready in time, or what the
 * disk or its port had to do with it; the message tells the last lines it printed.
 */
export async function startProcess(spec: ProcessSpec): Promise<ManagedProcess> {
  let running = await launchUntilReady(spec);
  const { signal: _, ...again } = spec;
  let restarting: { broken: AbortController; ended: Promise<unknown> } | undefined;
  const isRunning = () => running.child.exitCode === null && running.child.signalCode === null;
  const relaunch = async (signal: AbortSignal) => {
    if (isRunning()) await end(running, spec);
    signal.throwIfAborted();
    running = await launchUntilReady({ ...again, signal });
  };
  const self: ManagedProcess = {
    name: spec.name,
    port: spec.port,
    url: spec.url,
    logFile: spec.logFile,
    get pid() {
      return running.pid;
    },
    get exited() {
      return running.exited;
    },
    async stop() {
      restarting?.broken.abort(new Error(`${spec.name} was stopped`));
      await restarting?.ended;
      if (isRunning()) await end(running, spec);
    },
    async kill(signal = 'SIGKILL') {
      if (!isRunning()) return;
      running.child.kill(signal);
      if (signal === 'SIGKILL') await running.exited;
    },
    async restart() {
      const broken = new AbortController();
      const started = relaunch(broken.signal);
      restarting = { broken, ended: started.catch(() => undefined) };
      await started;
    },
  };
  return self;
}

async function launchUntilReady(spec: ProcessSpec): Promise<Running> {
  const deadline = Date.now() + spec.readyTimeoutMs;
  await mkdir(dirname(spec.logFile), { recursive: true, mode: 0o700 });
  for (;;) {
    const offset = rotate(spec.logFile);
    const running = await launch(spec);
    const failure = await waitUntilReady(spec, running, offset, deadline);
    if (failure === undefined) return running;
    await end(running, { ...spec, stopTimeoutMs: 1_000 });
    spec.signal?.throwIfAborted();
    const log = await readLog(spec.logFile, offset);
    if (spec.retryWhen?.test(log) && Date.now() < deadline) await sleep(200);
    else throw await diagnose(spec, { ...failure, log });
  }
}

async function launch(spec: ProcessSpec): Promise<Running> {
  const log = openSync(spec.logFile, 'a');
  const guard = startGuard();
  try {
    const child = spawn(spec.command, spec.args, {
      cwd: spec.cwd,
      env: spec.env,
      uid: spec.uid,
      gid: spec.gid,
      stdio: ['ignore', log, log],
      // Its own process group: Ctrl-C in a terminal must reach the launcher alone, which stops them in order.
      detached: true,
    });
    if (child.pid !== undefined) guard.watch(child.pid);
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) => reject(cannotRun(spec, error)));
    });
    const pid = child.pid;
    if (pid === undefined) throw cannotRun(spec);
    const exited = new Promise<ProcessExit>((resolve) => {
      child.once('exit', (code, signal) => {
        guard.dismiss();
        spec.onExit?.({ code, signal });
        resolve({ code, signal });
      });
    });
    return { child, pid, exited };
  } catch (error) {
    guard.dismiss();
    throw error;
  } finally {
    closeSync(log);
  }
}

async function waitUntilReady(
  spec: ProcessSpec,
  running: Running,
  offset: number,
  deadline: number,
): Promise<Omit<Failure, 'log'> | undefined> {
  while (Date.now() < deadline && !spec.signal?.aborted) {
    const { exitCode, signalCode } = running.child;
    if (exitCode !== null || signalCode !== null) {
      return { kind: 'died', what: `ended (${signalCode ?? `exit code ${exitCode}`}) before it was ready` };
    }
    if (await spec.isReady(await readLog(spec.logFile, offset))) return undefined;
    await sleep(POLL_MS);
  }
  return { kind: 'hung', what: `was not ready within ${spec.readyTimeoutMs / 1000} s` };
}

async function end(running: Running, spec: Pick<ProcessSpec, 'stopSignal' | 'stopTimeoutMs'>): Promise<void> {
  running.child.kill(spec.stopSignal);
  // One that was frozen could not hear it.
  running.child.kill('SIGCONT');
  const timer = setTimeout(() => running.child.kill('SIGKILL'), spec.stopTimeoutMs);
  await running.exited;
  clearTimeout(timer);
}

/** Moves a log that has grown large aside; returns where the next process's lines begin. */
function rotate(file: string): number {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size < LOG_ROTATE_BYTES) return size;
  renameSync(file, `${file}.1`);
  return 0;
}

async function readLog(file: string, offset: number): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const { buffer } = await handle.read(Buffer.alloc(Math.max(0, size - offset)), 0, size - offset, offset);
    return buffer.toString('utf8');
  } finally {
    await handle.close();
  }
}

function cannotRun({ name, command }: ProcessSpec, cause?: Error): StartError {
  return new StartError(
    'process_died',
    `${name} can't be run: ${command}: ${cause?.message ?? 'no process'}`,
    { cause },
  );
}
