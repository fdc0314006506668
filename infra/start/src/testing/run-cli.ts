import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { allPids } from '@switchboard/embedded';

const SOURCES = fileURLToPath(new URL('..', import.meta.url));

/** A directory of its own to start Switchboard in. */
export interface Clone {
  dir: string;
  /** `.switchboard` in it. */
  data: string;
  remove(): Promise<void>;
}

export interface Cli {
  child: ChildProcess;
  /** What it has printed so far, on both outputs. */
  printed(): string;
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

export async function makeClone(): Promise<Clone> {
  const dir = await mkdtemp(join(tmpdir(), 'switchboard-clone-'));
  return {
    dir,
    data: join(dir, '.switchboard'),
    remove: () => rm(dir, { recursive: true, force: true, maxRetries: 20 }),
  };
}

/** Runs one of the commands, `main.ts` being `npm start`, in that directory. */
export function runCli(cwd: string, command: string, args: string[], env: Record<string, string> = {}): Cli {
  return runProgram(process.execPath, [join(SOURCES, command), ...args], { cwd, env });
}

/** Runs any program; as the leader of a process group, if told, to which signals can be sent as a terminal does. */
export function runProgram(
  program: string,
  args: string[],
  { cwd, env = {}, leads = false }: { cwd: string; env?: Record<string, string>; leads?: boolean },
): Cli {
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: leads,
  });
  let printed = '';
  const hear = (chunk: Buffer) => {
    printed += chunk.toString('utf8');
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const ended = new Promise<Awaited<Cli['ended']>>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  return { child, printed: () => printed, ended };
}

/** Runs a command to its end. */
export async function finish(cli: Cli): Promise<{ code: number | null; printed: string }> {
  const { code } = await cli.ended;
  return { code, printed: cli.printed() };
}

/** Waits until it has printed this. */
export async function untilPrinted(cli: Cli, text: string): Promise<void> {
  while (!cli.printed().includes(text)) {
    const { exitCode, signalCode } = cli.child;
    if (exitCode !== null || signalCode !== null) throw new Error(`it ended early:\n${cli.printed()}`);
    await sleep(50);
  }
}

/** Waits until a program has been seen twice there whose command line has this; returns its number. */
export async function untilRuns({ child, printed }: Cli, dir: string, command: string): Promise<number> {
  for (let seen: string | undefined; ; await sleep(20)) {
    const [line] = runningIn(dir).filter((running) => running.includes(command));
    if (line !== undefined && line === seen) return Number.parseInt(line, 10);
    seen = line;
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`it ended early:\n${printed()}`);
  }
}

/** A PATH with these programs first: a script each, or, where it is a path, that very program. */
export async function makePath(
  clone: Clone,
  programs: Record<string, string>,
  others: readonly string[] = (process.env.PATH ?? '').split(delimiter),
): Promise<string> {
  const bin = join(clone.dir, 'bin');
  await rm(bin, { recursive: true, force: true });
  await mkdir(bin);
  for (const [name, content] of Object.entries(programs)) {
    const file = join(bin, name);
    if (content.startsWith('/')) {
      await symlink(content, file);
    } else {
      await writeFile(file, `#!/bin/sh\n${content}\n`);
      await chmod(file, 0o755);
    }
  }
  return [bin, ...others].join(delimiter);
}

/** What a failed or ended start has left that says it is in use, is half made, or still runs; empty within moments. */
export async function leftovers(clone: Pick<Clone, 'dir' | 'data'>): Promise<string[]> {
  const deadline = Date.now() + 5_000;
  for (;;) {
    const left = [...(await filesLeft(clone.data)), ...runningIn(clone.dir)];
    if (left.length === 0 || Date.now() > deadline) return left;
    await sleep(50);
  }
}

async function filesLeft(data: string): Promise<string[]> {
  const marks = ['start.pid', 'running.json', 'demo.json'];
  const found = existsSync(data) ? await readdir(data, { recursive: true }) : [];
  const halfMade = /\.new(-[^/]*)?$|^start\.pid\.|\.lock$/;
  return found.filter(
    (path) =>
      marks.includes(path) || (halfMade.test(path) && !/^(kafka\/logs|clickhouse\/data)\//.test(path)),
  );
}

/** Processes that name this directory in their command line or work in it, each as its number and command line. */
export function runningIn(dir: string): string[] {
  return allPids().flatMap((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      const at = readlinkSync(`/proc/${pid}/cwd`);
      return pid !== process.pid && (command.includes(dir) || at.startsWith(dir))
        ? [`${pid} ${command}`]
        : [];
    } catch {
      return [];
    }
  });
}
