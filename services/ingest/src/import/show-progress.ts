import type { ImportProgress } from './import-file.ts';

export interface ProgressOptions {
  out: Pick<NodeJS.WriteStream, 'write' | 'isTTY'>;
  /** What is imported. */
  name: string;
  /** Unix ms. */
  now(): number;
}

export interface ProgressBar {
  show(progress: ImportProgress): void;
  /** Takes the bar away, so that a line can be printed. */
  clear(): void;
}

const width = 30;
/** Where nobody watches, e.g. in a log. */
const quietMs = 5_000;

/** A bar that is redrawn in its place; where the output is no terminal, a line now and then. */
export function createProgressBar({ out, name, now }: ProgressOptions): ProgressBar {
  const startedAt = now();
  let firstRows: number | undefined;
  let shownAt = startedAt;
  return {
    show({ part, rows, wrong }) {
      const at = now();
      firstRows ??= rows;
      const perSecond = Math.round((rows - firstRows) / Math.max(0.001, (at - startedAt) / 1_000));
      const said = `${Math.round(part * 100)} %  ${rows} rows, ${wrong} wrong, ${perSecond}/s`;
      if (out.isTTY) {
        const full = Math.round(part * width);
        out.write(`\r\x1b[K${name.padEnd(12)} ${'█'.repeat(full)}${'░'.repeat(width - full)} ${said}`);
      } else if (at - shownAt >= quietMs) {
        shownAt = at;
        out.write(`${name} ${said}\n`);
      }
    },
    clear() {
      if (out.isTTY) out.write('\r\x1b[K');
    },
  };
}
