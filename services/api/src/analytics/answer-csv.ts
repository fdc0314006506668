import { Readable } from 'node:stream';
import type { MetricDefinition } from '@switchboard/domain/metrics/definition';
import { stringify } from 'csv-stringify';
import type { AnalyticsAnswer } from './answer-schema.ts';

type Body = Omit<AnalyticsAnswer, 'as_of' | 'freshness_ms'>;
type Cell = string | number | null;

const header = 'section,dimension,key,label,start,end,complete,metric,unit,value,previous,change'.split(',');

/** The answer as one row per number, all rows, streamed. Numbers are numbers; texts cannot become formulas. */
export function toCsv(answer: Body, metrics: readonly MetricDefinition[]): Readable {
  return Readable.from(rowsOf(answer, metrics)).pipe(
    stringify({ header: true, columns: header, record_delimiter: '\r\n' }),
  );
}

function* rowsOf(answer: Body, metrics: readonly MetricDefinition[]): Generator<Cell[]> {
  const { start, end } = answer.period;
  for (const metric of metrics) {
    const { value = null, previous = null, change = null } = answer.summary[metric.id] ?? {};
    yield row(['summary', '', '', '', start, end, '', metric.id, metric.unit, value, previous, change]);
  }
  for (const bucket of answer.series) {
    for (const { id, unit } of metrics) {
      const place = ['series', '', '', '', bucket.start, bucket.end, String(bucket.complete), id, unit];
      yield row([...place, bucket.values[id] ?? null, bucket.previous?.values[id] ?? null, null]);
    }
  }
  for (const [dimension, { rows }] of Object.entries(answer.breakdowns)) {
    for (const { key, label, values, previous } of rows) {
      for (const { id, unit } of metrics) {
        const place = ['breakdown', dimension, key, label, start, end, '', id, unit];
        yield row([...place, values[id] ?? null, previous?.[id] ?? null, null]);
      }
    }
  }
}

const row = (cells: Cell[]): Cell[] => cells.map((cell) => (typeof cell === 'string' ? asText(cell) : cell));

/** A cell that a spreadsheet would take for a formula is led by an apostrophe (OWASP, CSV injection). */
export function asText(text: string): string {
  return /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text;
}
