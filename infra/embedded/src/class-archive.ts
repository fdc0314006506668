import { existsSync, renameSync, rmSync } from 'node:fs';
import type { ProcessExit } from './managed-process.ts';

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
