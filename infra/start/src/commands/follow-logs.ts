import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 200;
const CHUNK = 64 * 1024;

/**
 * The logs of these processes, by name or by its beginning up to a dash: `sink` is `sink-postgres` and
 * `sink-clickhouse`, `postgres` is the engine alone. All of them when none is named.
 *
 * @throws Error for a name that no log has, with those there are.
 */
export async function findLogs(dir: string, names: readonly string[]): Promise<string[]> {
  const entries = await readdir(dir).catch(() => []);
  const known = entries
    .filter((file) => file.endsWith('.log'))
    .map((file) => basename(file, '.log'))
    .sort();
  if (known.length === 0) throw new Error(`there are no logs in ${dir}: npm start writes them`);
  const found = names.flatMap((name) => {
    const exact = known.filter((log) => log === name);
    const meant = exact.length > 0 ? exact : known.filter((log) => log.startsWith(`${name}-`));
    if (meant.length === 0) throw new Error(`there is no log of ${name}; there are ${known.join(', ')}`);
    return meant;
  });
  return [...new Set(names.length === 0 ? known : found)];
}

export interface FollowOptions {
  dir: string;
  logs: readonly string[];
  /** How many of the last lines of each are shown first. */
  lines: number;
  /** Goes on with what is written later until aborted; otherwise ends with what is there. */
  follow?: AbortSignal;
  /** Gets each line; with the log's name before it when there are several logs. */
  print: (line: string) => void;
}

/** Prints the ends of logs and, if wanted, what comes after; a log that is moved aside is followed into its next file. */
export async function followLogs({ dir, logs, lines, follow, print }: FollowOptions): Promise<void> {
  const width = Math.max(...logs.map((name) => name.length));
  const tails = logs.map((name) => {
    const prefix = logs.length > 1 ? `${name.padEnd(width)} | ` : '';
    return openTail(join(dir, `${name}.log`), lines, (line) => print(prefix + line));
  });
  for (const tail of tails) tail.read();
  while (follow && !follow.aborted) {
    await sleep(POLL_MS, undefined, { signal: follow }).catch(() => undefined);
    for (const tail of tails) tail.read();
  }
  for (const tail of tails) tail.close();
}

interface Tail {
  read(): void;
  close(): void;
}

function openTail(file: string, lines: number, print: (line: string) => void): Tail {
  let fd = openSync(file, 'r');
  let offset = startOfLast(fd, lines);
  let rest = '';
  const drain = () => {
    const buffer = Buffer.alloc(CHUNK);
    for (
      let got = readSync(fd, buffer, 0, CHUNK, offset);
      got > 0;
      got = readSync(fd, buffer, 0, CHUNK, offset)
    ) {
      offset += got;
      const parts = (rest + buffer.toString('latin1', 0, got)).split('\n');
      rest = parts.pop() ?? '';
      for (const part of parts) print(Buffer.from(part, 'latin1').toString('utf8'));
    }
  };
  return {
    read() {
      drain();
      const now = statSync(file, { throwIfNoEntry: false });
      const { ino, size } = fstatSync(fd);
      if (now && now.ino !== ino) {
        drain();
        closeSync(fd);
        fd = openSync(file, 'r');
        offset = 0;
        drain();
      } else if (size < offset) {
        offset = 0;
      }
    },
    close() {
      if (rest !== '') print(Buffer.from(rest, 'latin1').toString('utf8'));
      closeSync(fd);
    },
  };
}

/** Where the last lines of a file begin. */
function startOfLast(fd: number, lines: number): number {
  const { size } = fstatSync(fd);
  const buffer = Buffer.alloc(CHUNK);
  // The line break at the very end begins no line.
  let wanted = lines + 1;
  for (let end = size; end > 0; end -= CHUNK) {
    const start = Math.max(0, end - CHUNK);
    const got = readSync(fd, buffer, 0, end - start, start);
    for (let at = got - 1; at >= 0; at--) {
      if (buffer[at] === 0x0a && --wanted === 0) return start + at + 1;
    }
  }
  return lines === 0 ? size : 0;
}
