import { Readable } from 'node:stream';
import type { MetricDefinition } from '@switchboard/domain/metrics/definition';
import { stringify } from 'csv-stringify';
import type { AnswerBody } from './answer.ts';
import type { SummaryValue } from './answer-schema.ts';

type Cell = string | number | null;

/** What one metric of one group says: in one currency or none, or in several. */
interface Told {
  value?: number | null;
  byCurrency?: Record<string, number | null>;
}

const header =
  'section,dimension,key,label,start,end,complete,metric,unit,currency,value,previous,change'.split(',');

/**
 * The answer as one row per number, all rows, streamed: `summary`, the `part`s of mixes, `series`, `breakdown`. Amounts
 * in several currencies have a row for each. Numbers are numbers; texts cannot become formulas.
 */
export function toCsv(answer: AnswerBody, metrics: readonly MetricDefinition[]): Readable {
  return Readable.from(rowsOf(answer, metrics)).pipe(
    stringify({ header: true, columns: header, record_delimiter: '\r\n' }),
  );
}

function* rowsOf(answer: AnswerBody, metrics: readonly MetricDefinition[]): Generator<Cell[]> {
  const { start, end } = answer.period;
  const summary = (id: string): Partial<SummaryValue> => answer.summary[id] ?? {};
  for (const { id, unit } of metrics) {
    const { value, previous, change = null, currency, ...amounts } = summary(id);
    const now = { value, byCurrency: amounts.by_currency };
    const before = { value: previous, byCurrency: amounts.previous_by_currency };
    const place = ['summary', '', '', '', start, end, '', id, unit];
    for (const numbers of numbersOf(now, before, currency))
      yield row([...place, ...numbers, numbers[0] === (currency ?? '') ? change : null]);
    for (const part of amounts.parts ?? []) {
      const partPlace = ['part', partDimension(id, metrics), part.key, part.label, start, end, '', id, unit];
      yield row([...partPlace, '', part.value, part.previous ?? null, null]);
    }
  }
  for (const bucket of answer.series) {
    for (const { id, unit } of metrics) {
      const place = ['series', '', '', '', bucket.start, bucket.end, String(bucket.complete), id, unit];
      const { previous } = bucket;
      const now = { value: bucket.values[id], byCurrency: bucket.by_currency?.[id] };
      const before = { value: previous?.values[id], byCurrency: previous?.by_currency?.[id] };
      for (const numbers of numbersOf(now, before, summary(id).currency))
        yield row([...place, ...numbers, null]);
    }
  }
  for (const [dimension, { rows }] of Object.entries(answer.breakdowns)) {
    for (const { key, label, values, previous, ...amounts } of rows) {
      for (const { id, unit } of metrics) {
        const place = ['breakdown', dimension, key, label, start, end, '', id, unit];
        const now = { value: values[id], byCurrency: amounts.by_currency?.[id] };
        const before = { value: previous?.[id], byCurrency: amounts.previous_by_currency?.[id] };
        for (const numbers of numbersOf(now, before, summary(id).currency))
          yield row([...place, ...numbers, null]);
      }
    }
  }
}

/** Currency, value and value before; a row for each currency where there are several. */
function* numbersOf(
  now: Told,
  before: Told,
  currency = '',
): Generator<[string, number | null, number | null]> {
  if (!now.byCurrency && !before.byCurrency) {
    yield [currency, now.value ?? null, before.value ?? null];
    return;
  }
  const of = ({ value = null, byCurrency }: Told, wanted: string) =>
    byCurrency ? (byCurrency[wanted] ?? null) : wanted === currency ? value : null;
  const all = new Set([
    ...Object.keys(now.byCurrency ?? {}),
    ...Object.keys(before.byCurrency ?? {}),
    ...(currency === '' ? [] : [currency]),
  ]);
  for (const each of [...all].sort()) yield [each, of(now, each), of(before, each)];
}

function partDimension(id: string, metrics: readonly MetricDefinition[]): string {
  const calculation = metrics.find((metric) => metric.id === id)?.calculation;
  return calculation?.kind === 'mix' ? calculation.by : '';
}

const row = (cells: Cell[]): Cell[] => cells.map((cell) => (typeof cell === 'string' ? asText(cell) : cell));

/** A cell that a spreadsheet would take for a formula is led by an apostrophe (OWASP, CSV injection). */
export function asText(text: string): string {
  return /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text;
}
