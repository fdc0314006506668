import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Whether a process of this number exists, whoever owns it; one that ended and was not yet buried does not count. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  return statOf(pid)[0] !== 'Z';
}

/** When a process began, in the kernel's terms, which tells it from an earlier one of its number; empty without `/proc`. */
export function startOf(pid: number): string {
  return statOf(pid)[19] ?? '';
}

/** A process and all that it has started, and those have. */
export function familyOf(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const [pid, parent] of parents()) children.set(parent, [...(children.get(parent) ?? []), pid]);
  const family = [root];
  for (const pid of family) family.push(...(children.get(pid) ?? []));
  return family;
}

/** The command line of a process, as far as others may see it, at most 120 characters. */
export function commandOf(pid: number): string | undefined {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim();
    const line = words || readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
    return line.length > 120 ? `${line.slice(0, 117)}…` : line;
  } catch {
    return undefined;
  }
}

/** All process numbers of `/proc`; none where there is no such place. */
export function allPids(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

function parents(): [pid: number, parent: number][] {
  const pids = allPids();
  if (pids.length > 0) return pids.map((pid) => [pid, Number(statOf(pid)[1] ?? 0)]);
  return execFileSync('ps', ['-axo', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => {
      const [pid, parent] = line.trim().split(/\s+/);
      return [Number(pid), Number(parent)];
    });
}

/** The fields of `/proc/<pid>/stat` after the program's name. */
function statOf(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}
