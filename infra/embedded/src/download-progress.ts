import type { PinnedFile } from './pinned-files.ts';

export type Progress = (line: string) => void;

/** Follows what Maven prints while it transfers files. */
export interface DownloadProgress {
  /** A piece of Maven's output. */
  heard(text: string): void;
  /** No more will be heard. */
  end(): void;
}

const EVERY_MS = 1_000;
/** After so long without news it is said again how far it is, so that a halt is seen. */
const SILENCE_MS = 10_000;
const UNITS: Readonly<Record<string, number>> = { MB: 1e6, GB: 1e9 };

/**
 * Tells how much of these files has been downloaded: whole files as Maven reports them, and of what is on its way what
 * Maven counts (of files under 1 MB it is not told). At most a line a second, each of them whole, so that it reads
 * well in a log too.
 */
export function downloadProgress(
  title: string,
  files: readonly PinnedFile[],
  say: Progress,
): DownloadProgress {
  const bytesOf = new Map(files.map(({ path, bytes }) => [path, bytes]));
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const done = new Set<string>();
  let doneBytes = 0;
  let shown = 0;
  let saidAt = Date.now();
  let said = '';
  let rest = '';

  const tell = (bytes: number) => {
    shown = Math.min(total, Math.max(shown, bytes));
    const line = `${title}: downloaded ${megabytes(shown)} of ${megabytes(total)} MB, ${done.size} of ${files.length} files`;
    const pause = line === said ? SILENCE_MS : EVERY_MS;
    if (shown === 0 || Date.now() - saidAt < pause) return;
    saidAt = Date.now();
    said = line;
    say(line);
  };
  const hear = (line: string) => {
    const [, url] = /Downloaded from \S+: (\S+)/.exec(line) ?? [];
    const name = url?.slice(url.lastIndexOf('/') + 1);
    const bytes = name === undefined ? undefined : bytesOf.get(name);
    if (name !== undefined && bytes !== undefined && !done.has(name)) {
      done.add(name);
      doneBytes += bytes;
      tell(doneBytes);
    }
    if (line.startsWith('Progress (')) tell(doneBytes + underWay(line));
  };
  const alarm = setInterval(() => tell(shown), EVERY_MS);
  alarm.unref();
  return {
    heard(text) {
      const lines = (rest + text).split(/[\r\n]+/);
      rest = lines.pop() ?? '';
      for (const line of lines) hear(line);
    },
    end: () => clearInterval(alarm),
  };
}

/** "12.3", in units of a million bytes, as Maven counts. */
export function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

/** The bytes there of the files on their way, from "Progress (2): 1.2/4.3 MB | 12/20 kB". */
function underWay(line: string): number {
  const counted = [...line.matchAll(/([\d.]+)\/[\d.]+ (MB|GB)/g)];
  return counted.reduce((sum, [, there, unit = '']) => sum + Number(there) * (UNITS[unit] ?? 0), 0);
}
