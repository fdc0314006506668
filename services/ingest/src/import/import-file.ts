import { join } from 'node:path';
import { eventId } from '@switchboard/domain/ids';
import type { OnStep } from '@switchboard/platform';
import type { RecordImported } from '@switchboard/schemas';
import { type ImportState, importKey, nothingYet, readState, writeState } from './import-state.ts';
import { type CsvFile, inspectCsv, readCsv } from './read-csv.ts';
import { type ReadRow, type ReadRowOptions, readHeader } from './read-row.ts';
import type { CellError } from './table.ts';

export interface ImportFileOptions extends ReadRowOptions {
  path: string;
  /** Where states are kept. */
  stateDir: string;
  /** From the beginning, whatever the state says: for an installation that has lost what was imported. */
  again?: boolean;
  /**
   * Resolves when the broker has all of them.
   * @returns those that it will never take
   */
  send(imported: readonly RecordImported[]): Promise<RecordImported[]>;
  /** Told, before all else, how many rows an earlier call has brought behind it. */
  onStart?(before: number): void;
  /** Told of each wrong row once, as it is met. Line 1 is the header's. */
  onError(line: number, error: CellError): void;
  onProgress(progress: ImportProgress): void;
  /** Ends the import after the rows in hand; called again, it goes on behind them. */
  signal?: AbortSignal;
  onStep?: OnStep<ImportStep>;
}

/** Rows are read and not sent; the broker has them, the state says nothing of it; both. */
export type ImportStep = 'rows-read' | 'rows-sent' | 'rows-marked';

export interface ImportProgress {
  /** 0 to 1, by bytes. */
  part: number;
  rows: number;
  wrong: number;
}

export interface ImportSummary extends ImportState {
  /** Rows that an earlier call had brought behind it. */
  before: number;
  /** Columns whose cells are kept as they are. */
  unknown: string[];
  /** What the file leaves to be counted otherwise than it was. */
  warnings: string[];
}

/** Rows that are sent together; then the state is written. */
const chunkRows = 500;

interface ReadyRow {
  line: number;
  read: ReturnType<ReadRow>;
}

/**
 * Imports one file, or the rest of it: what is behind us is known by the file's hash, whatever it is called. Killed
 * anywhere it goes on at the last written state; rows sent twice have the same event ids.
 *
 * @throws SwitchboardError `import_file` when it is no such file; what was sent before stays
 */
export async function importFile(options: ImportFileOptions): Promise<ImportSummary> {
  const { path, table, tenantId, origin, context, stateDir, onError, onProgress, signal, onStep } = options;
  const file = await inspectCsv(path);
  const key = importKey(tenantId, table.name, origin, context.dates, context.timeZone, file.hash);
  const stateFile = join(stateDir, `${key}.json`);
  const state = options.again ? nothingYet : await readState(stateFile);
  options.onStart?.(state.rows);
  const summary: ImportSummary = { ...state, before: state.rows, unknown: [], warnings: [] };
  if (state.done) return summary;

  let part = 0;
  let readRow: ReadRow | undefined;
  let passed = 0;
  let chunk: ReadyRow[] = [];
  const finishChunk = async () => {
    await onStep?.('rows-read');
    summary.wrong += await sendChunk(options, file, chunk);
    await onStep?.('rows-sent');
    summary.rows += chunk.length;
    chunk = [];
    await writeState(stateFile, { rows: summary.rows, wrong: summary.wrong, done: summary.done });
    await onStep?.('rows-marked');
    onProgress({ part, rows: summary.rows, wrong: summary.wrong });
  };

  for await (const { line, cells } of readCsv(path, (bytes) => {
    part = bytes / file.bytes;
  })) {
    if (!readRow) {
      const header = readHeader(cells, options);
      if (Array.isArray(header)) {
        for (const error of header) onError(line, error);
        return { ...summary, wrong: header.length };
      }
      readRow = header.readRow;
      summary.unknown = header.unknown;
      summary.warnings = header.warnings;
      continue;
    }
    passed += 1;
    if (passed <= state.rows) continue;
    chunk.push({ line, read: readRow(cells) });
    if (chunk.length < chunkRows) continue;
    await finishChunk();
    if (signal?.aborted) return summary;
  }
  summary.done = !signal?.aborted;
  part = 1;
  await finishChunk();
  return summary;
}

/** @returns how many rows were wrong */
async function sendChunk(
  { tenantId, send, onError }: ImportFileOptions,
  { hash }: CsvFile,
  chunk: readonly ReadyRow[],
): Promise<number> {
  const importId = eventId(tenantId, 'import', 'file', hash);
  const wrong = new Set<number>();
  const imported: RecordImported[] = [];
  const known = new Set<string>();
  for (const { line, read } of chunk) {
    if ('records' in read) {
      // Rows of one journey's steps repeat the journey.
      for (const record of read.records.filter(({ event_id }) => !known.has(event_id))) {
        known.add(record.event_id);
        imported.push({ import_id: importId, line, record });
      }
      continue;
    }
    wrong.add(line);
    for (const error of read.errors) onError(line, error);
  }
  for (const { line } of await send(imported)) {
    wrong.add(line);
    onError(line, { column: 'the row', message: 'is too large', fix: 'Shorten its longest cell.' });
  }
  return wrong.size;
}
