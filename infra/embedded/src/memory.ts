import { readFileSync } from 'node:fs';
import { familyOf } from './process-table.ts';

/** What a process and all it has started hold in memory. */
export interface FamilyMemory {
  /**
   * Sum of the proportional set sizes, bytes: a page that several processes share is counted once in all.
   * `undefined` where the system doesn't tell (no `/proc`, or another user's processes).
   */
  pss: number | undefined;
  processes: { pid: number; pss: number | undefined }[];
}

/** Memory of a process and of everything below it. */
export function memoryOf(root: number): FamilyMemory {
  const processes = familyOf(root).map((pid) => ({ pid, pss: pssOf(pid) }));
  const known = processes.flatMap(({ pss }) => (pss === undefined ? [] : [pss]));
  return { pss: known.length === 0 ? undefined : known.reduce((sum, pss) => sum + pss, 0), processes };
}

function pssOf(pid: number): number | undefined {
  try {
    const [, kib] = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? [];
    return kib === undefined ? undefined : Number(kib) * 1024;
  } catch {
    return undefined;
  }
}
