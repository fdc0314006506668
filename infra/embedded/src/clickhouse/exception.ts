/** An error as ClickHouse states it: a number and a text that repeats it with its name. */
export class ClickHouseException extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.name = 'ClickHouseException';
    this.code = code;
  }
}

/** Makes an exception in ClickHouse's own wording: `Code: 62. DB::Exception: text (NAME)`. */
export function exception(code: number, name: string, text: string): ClickHouseException {
  return new ClickHouseException(code, `Code: ${code}. DB::Exception: ${text} (${name})`);
}

/** Reads what the engine threw; whatever carries no code becomes 1002 (UNKNOWN_EXCEPTION). */
export function fromEngine(error: unknown): ClickHouseException {
  if (error instanceof ClickHouseException) return error;
  const text = error instanceof Error ? error.message : String(error);
  const found = /Code: (\d+)\. DB::Exception/.exec(text);
  if (!found) return exception(1002, 'UNKNOWN_EXCEPTION', text);
  return new ClickHouseException(Number(found[1]), plain(text.slice(found.index).trimEnd()));
}

/** Takes out what only this server adds: an exception wrapped in itself, and the files that rows pass through. */
function plain(text: string): string {
  return text
    .replace(
      /^Code: \d+\. DB::Exception: (Code: [\s\S]*?\([A-Z_]+\)) \(version [^)]*\)\.? \([A-Z_]+\)$/,
      '$1',
    )
    .replace(/:? \(in file\/uri [^)]*\)/, '')
    .replace(': While executing File: data for INSERT was parsed from file', '');
}

const STATUSES: ReadonlyArray<readonly [status: number, codes: readonly number[]]> = [
  [
    400,
    [
      6, 8, 15, 25, 26, 27, 36, 37, 38, 41, 44, 53, 62, 72, 117, 123, 167, 168, 223, 321, 372, 373, 374, 376,
      408, 427, 441, 675, 676,
    ],
  ],
  [401, [194]],
  [403, [192, 193, 497, 512, 516]],
  [404, [46, 47, 50, 56, 60, 63, 73, 78, 81, 115, 152, 336, 511]],
  [408, [159]],
  [411, [381]],
  [413, [229]],
  [415, [779]],
  [501, [48]],
  [503, [76, 202, 209, 439]],
];

const STATUS_OF = new Map(
  STATUSES.flatMap(([status, codes]) => codes.map((code) => [code, status] as const)),
);

/** The HTTP status with which ClickHouse answers an exception; 500 where it has none of its own. */
export function httpStatus(code: number): number {
  return STATUS_OF.get(code) ?? 500;
}
