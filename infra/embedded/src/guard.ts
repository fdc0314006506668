import { spawn } from 'node:child_process';

/**
 * Reads one line; an end of input without one means that the parent died without a word, so the guarded process is
 * asked to end (one that was frozen could not hear it), and killed when it hasn't after ten seconds.
 */
const SCRIPT = `read -r word && exit 0
kill -TERM "$0" 2>/dev/null || exit 0
kill -CONT "$0" 2>/dev/null
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  sleep 0.5
  kill -0 "$0" 2>/dev/null || exit 0
done
kill -KILL "$0"`;

/**
 * Ends a child process when this process dies by SIGKILL and so can't do it itself. A shell in a session of its own
 * waits on a pipe that only this process holds.
 *
 * @returns a function that dismisses the guard, to be called once the child has ended.
 */
export function guardProcess(pid: number): () => void {
  const guard = spawn('/bin/sh', ['-c', SCRIPT, String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.on('error', () => undefined);
  guard.stdin.on('error', () => undefined);
  guard.unref();
  return () => {
    guard.stdin.end('over\n');
  };
}
