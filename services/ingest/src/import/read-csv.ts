import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { SwitchboardError } from '@switchboard/platform';
import { CsvError, parse } from 'csv-parse';

export interface CsvRow {
  /** Line of the file in which it begins, from 1. */
  line: number;
  cells: string[];
}

export interface CsvFile {
  path: string;
  /** SHA-256 of its bytes, hexadecimal. */
  hash: string;
  bytes: number;
}

const delimiters = [',', ';', '\t', '|'];
/** A longer one is an opening quote that nobody closed. */
const maxRecordBytes = 256 * 1024;

/**
 * Takes the hash of a file, and makes sure that it is text in UTF-8.
 * @throws SwitchboardError `import_file` when it can't be read or is in another encoding
 */
export async function inspectCsv(path: string): Promise<CsvFile> {
  const hash = createHash('sha256');
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(path)) {
      const part: Buffer = chunk;
      hash.update(part);
      bytes += part.length;
      decoder.decode(part, { stream: true });
    }
    decoder.decode();
  } catch (cause) {
    const encoding = cause instanceof TypeError;
    throw new SwitchboardError(
      'import_file',
      encoding ? `${path}: is not UTF-8. Save it as "CSV UTF-8".` : `${path}: can't be read.`,
      { cause },
    );
  }
  return { path, hash: hash.digest('hex'), bytes };
}

/**
 * The rows of a CSV file, its header first, as they are read: with or without a byte order mark, any line ends, quoted
 * line breaks, commas, semicolons, tabs or bars between cells. Empty lines are passed over.
 *
 * @param progress is told how many bytes were read
 * @throws SwitchboardError `import_file` that names the line on which the file is no CSV
 */
export async function* readCsv(path: string, progress: (bytes: number) => void): AsyncGenerator<CsvRow> {
  /** Where the rows that wait to be taken begin. */
  const begins: number[] = [];
  /** The last line of the row before. */
  let end = 0;
  /** Inside quotes the library counts each CR LF as two lines. */
  let doubled = 0;
  const parser = createReadStream(path).pipe(
    parse({
      bom: true,
      delimiter: await delimiterOf(path),
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: maxRecordBytes,
      trim: true,
      on_record(cells: string[], { lines }) {
        doubled += breaksIn(cells, /\r\n/g);
        end = lines - doubled;
        begins.push(end - breaksIn(cells, /\r\n|\n|\r/g));
        return cells;
      },
    }),
  );
  try {
    for await (const row of parser) {
      const cells: string[] = row;
      progress(parser.info.bytes);
      yield { line: begins.shift() ?? 0, cells };
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new SwitchboardError('import_file', `${path}:${end + 1}: ${faults[error.code] ?? 'is no CSV.'}`);
  } finally {
    parser.destroy();
  }
}

function breaksIn(cells: readonly string[], form: RegExp): number {
  return cells.reduce((sum, cell) => sum + (cell.match(form)?.length ?? 0), 0);
}

// The library's own messages repeat what it read.
const faults: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote is opened and never closed.',
  CSV_MAX_RECORD_SIZE: 'a quote is opened and not closed for a long while.',
  CSV_INVALID_CLOSING_QUOTE: 'something stands behind a closing quote. Double a quote inside a cell.',
  INVALID_OPENING_QUOTE: 'a quote stands inside a cell. Quote the whole cell, and double the quote.',
};

/** The one that the header has most of. */
async function delimiterOf(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(64 * 1024), 0, 64 * 1024, 0);
    const text = buffer.toString('utf8', 0, bytesRead);
    const header = text.replaceAll(/"[^"]*"/g, '').split(/\r\n|\n|\r/, 1)[0] ?? '';
    const counts = delimiters.map((one) => [header.split(one).length, one] as const);
    return counts.reduce((best, one) => (one[0] > best[0] ? one : best))[1];
  } finally {
    await file.close();
  }
}
