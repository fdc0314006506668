import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { ProcessExit } from './managed-process.ts';
import { isAlive } from './process-table.ts';

/** A JVM's archive of parsed classes (class data sharing), which halves what a start costs. */
export interface ClassArchive {
  /** For the JVM: use the archive, or make it when the program ends. */
  args: string[];
  /** Keeps what the program made; to be called when it has ended. */
  onExit(exit: ProcessExit): void;
}

/**
 * The archive of one program, made by its first run that ends in order.
 *
 * @param path without ending; must name the program's and Java's versions.
 */
export function classArchive(path: string): ClassArchive {
  const archive = `${path}.jsa`;
  if (existsSync(archive)) return { args: [`-XX:SharedArchiveFile=${archive}`], onExit: () => undefined };
  removeLeftovers(archive);
  const made = `${archive}.${process.pid}`;
  return {
    args: [`-XX:ArchiveClassesAtExit=${made}`, '-Xlog:cds=off', '-Xlog:cds+dynamic=off'],
    onExit({ signal }) {
      if (!existsSync(made)) return;
      if (signal === null) renameSync(made, archive);
      else rmSync(made);
    },
  };
}

/** Half-made archives of starts that are gone. */
function removeLeftovers(archive: string): void {
  const prefix = `${basename(archive)}.`;
  for (const file of readdirSync(dirname(archive)).filter((name) => name.startsWith(prefix))) {
    if (!isAlive(Number(file.slice(prefix.length)))) rmSync(join(dirname(archive), file), { force: true });
  }
}
