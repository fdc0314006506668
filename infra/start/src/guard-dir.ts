import { spawn } from 'node:child_process';
import { claimsDir } from './port-claims.ts';

/**
 * Reads one line; an end of input without one means that the start died without a word. Its processes end by their own
 * guards; what it left in the directory, the credentials first, is removed when they have ended, and the lock last,
 * unless another start has taken it over.
 */
const SCRIPT = `read -r word && exit 0
cd "$0" || exit 0
rm -f demo.json
pids=$(sed -n 's/^ *"pid": \\([0-9]*\\),*$/\\1/p' running.json 2>/dev/null)
i=0
while [ $i -lt 80 ]; do
  left=
  for pid in $pids; do kill -0 "$pid" 2>/dev/null && left=1; done
  [ -z "$left" ] && break
  sleep 0.25
  i=$((i+1))
done
grep -l "\\"pid\\":$1," "$2"/* 2>/dev/null | while read -r file; do rm -f "$file"; done
grep -q "\\"pid\\":$1," start.pid 2>/dev/null || exit 0
rm -f running.json running.json.new start.pid.new start.pid`;

/**
 * Clears a data directory of what says that it is in use, when this process dies by SIGKILL.
 *
 * @returns a function that dismisses the guard.
 */
export function guardDir(dir: string): () => void {
  const guard = spawn('/bin/sh', ['-c', SCRIPT, dir, String(process.pid), claimsDir()], {
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
