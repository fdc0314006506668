import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** By which signal a process ended, and what it had printed. */
export interface ChildRun {
  signal: string | null;
  printed: string;
}

/** Runs a module as a process of its own, which is given the input. */
export async function runChild(module: URL, input: string): Promise<ChildRun> {
  const child = spawn(process.execPath, [fileURLToPath(module)], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(input);
  const ended = new Promise<string | null>((resolve) =>
    child.once('close', (_code, signal) => resolve(signal)),
  );
  const printed = await text(child.stdout);
  return { signal: await ended, printed };
}
