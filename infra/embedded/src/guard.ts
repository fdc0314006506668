import { spawn } from 'node:child_process';

/** Ends a child process when this process dies by SIGKILL and so can't do it itself. */
export interface Guard {
  /** Which process it is; to be called as soon as that runs. */
  watch(pid: number): void;
  /** To be called once the child has ended, or could not be started. */
  dismiss(): void;
}

/**
 * Reads a process number, and one more line; an end of input without that means that the parent died without a word, so
 * the guarded process is asked to end (one that was frozen could not hear it), and killed when it hasn't after ten seconds.
 */
const SCRIPT = `read -r pid || exit 0
read -r word && exit 0
kill -TERM "$pid" 2>/dev/null || exit 0
kill -CONT "$pid" 2>/dev/null
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  sleep 0.5
  kill -0 "$pid" 2>/dev/null || exit 0
done
kill -KILL "$pid"`;

/**
 * Starts a guard: a shell in a session of its own, waiting on a pipe that only this process holds. It is started before the
 * child, which would be without one while the shell begins.
 */
export function startGuard(): Guard {
  const guard = spawn('/bin/sh', ['-c', SCRIPT], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  guard.on('error', () => undefined);
  guard.stdin.on('error', () => undefined);
  guard.unref();
  return {
    watch(pid) {
      guard.stdin.write(`${pid}\n`);
    },
    dismiss() {
      guard.stdin.end('over\n');
    },
  };
}
