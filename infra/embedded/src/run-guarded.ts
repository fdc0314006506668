import { spawn } from 'node:child_process';
import { startGuard } from './guard.ts';

export interface GuardedRun {
  command: string;
  args: string[];
  cwd?: string;
  /** The whole environment of the program. */
  env: Record<string, string>;
  uid?: number;
  gid?: number;
  /** What it reads; nothing unless told. */
  input?: string;
  /** Kills it with all that it has started, and its reason is thrown. */
  signal: AbortSignal;
}

/** Runs a program to its end, which comes too when this process is killed. */
export async function runGuarded({
  command,
  args,
  input = '',
  signal,
  ...how
}: GuardedRun): Promise<{ code: number | null; complaints: string }> {
  signal.throwIfAborted();
  const guard = startGuard();
  const child = spawn(command, args, {
    ...how,
    stdio: ['pipe', 'ignore', 'pipe'],
    // A process group of its own, which can be killed whole.
    detached: true,
  });
  const { pid } = child;
  if (pid !== undefined) guard.watch(pid);
  const kill = () => {
    try {
      if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    } catch {
      // It has just ended by itself.
    }
  };
  signal.addEventListener('abort', kill);
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString('utf8');
  });
  // One that ends early reads no more; its code says so.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    signal.throwIfAborted();
    return { code, complaints };
  } finally {
    signal.removeEventListener('abort', kill);
    guard.dismiss();
  }
}
