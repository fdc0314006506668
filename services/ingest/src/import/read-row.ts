import { createHash, type KeyObject } from 'node:crypto';
import { eventId } from '@switchboard/domain/ids';
import { entityKeyOf } from '@switchboard/domain/records/entity-key';
import type { ProblemError } from '@switchboard/platform/problem';
import type { RecordReceived } from '@switchboard/schemas';
import type { RecordReader } from '../records/read-record.ts';
import { type CellContext, convertCell } from './convert-cell.ts';
import { type CellError, type Cells, type Column, isCellError, type RowEvent, type Table } from './table.ts';

export interface ReadRowOptions {
  table: Table;
  records: RecordReader;
  context: CellContext;
  tenantId: string;
  /** Of the keyed HMACs that stand for the clinic's ids. */
  pseudonymKey: KeyObject;
  /** The system that the files are from: what it says is kept apart from what others say. */
  origin: string;
  now(): number;
}

export type ReadRow = (cells: readonly string[]) => { records: RecordReceived[] } | { errors: CellError[] };

export interface Header {
  /** Names that no column has: what stands below is kept as it is. */
  unknown: string[];
  warnings: string[];
  readRow: ReadRow;
}

const way = 'import';

/**
 * Reads a file's header, and by it its rows. A row's event ids are made of what it says alone: the same row, in whatever
 * file and order of columns, is the same events.
 *
 * @returns what is wrong with the header itself, when something is
 */
export function readHeader(names: readonly string[], options: ReadRowOptions): Header | CellError[] {
  const { table } = options;
  const found = names.map((name) => columnOf(table, name) ?? name.trim());
  const twice = found.filter((one, index) => one !== '' && found.indexOf(one) !== index).map(nameOf);
  const missing = table.needs.filter((need) => !found.some((one) => nameOf(one) === need));
  if (twice.length > 0 || missing.length > 0) {
    const known = table.columns.map(({ name }) => name).join(', ');
    return [
      ...twice.map((column) => ({ column, message: 'is there twice', fix: 'Leave one out.' })),
      ...missing.map((column) => ({ column, message: 'is missing', fix: `Known columns: ${known}.` })),
    ];
  }
  const unknown = found.filter((one) => typeof one === 'string' && one !== '').map(nameOf);
  const counted = Object.entries(table.counts ?? {}).filter(
    ([column]) => !found.some((one) => nameOf(one) === column),
  );
  return {
    unknown,
    warnings: counted.map(([column, what]) => `Without ${column} ${what}.`),
    readRow: createReadRow(found, options),
  };
}

function createReadRow(header: readonly (Column | string)[], options: ReadRowOptions): ReadRow {
  const { table, records, context, origin } = options;
  return function readRow(row) {
    if (row.length !== header.length) {
      const message = `has ${row.length} cells, and the header ${header.length}`;
      return { errors: [{ column: 'the row', message, fix: 'Quote cells that hold a separator.' }] };
    }
    const cells = new Map<string, unknown>();
    const extra = new Map<string, unknown>();
    const errors: CellError[] = [];
    for (const [index, column] of header.entries()) {
      const cell = row[index] ?? '';
      if (cell === '') continue;
      if (typeof column === 'string') {
        if (column !== '') extra.set(`/data/${column.replaceAll('~', '~0').replaceAll('/', '~1')}`, cell);
        continue;
      }
      const converted = convertCell(cell, column.form, context);
      if ('value' in converted) cells.set(column.name, converted.value);
      else errors.push({ column: column.name, ...converted });
    }
    for (const column of table.needs)
      if (!cells.has(column) && !errors.some((error) => error.column === column))
        errors.push({ column, message: 'is empty', fix: 'Every row needs it.' });
    if (errors.length > 0) return { errors };
    const events = table.read(cells, dataOf(table, cells));
    if (isCellError(events)) return { errors: [events] };
    const updated = cells.get('updated_at');
    const occurredAt = typeof updated === 'string' ? Date.parse(updated) : null;
    return toRecords(events, occurredAt, sorted(extra));
  };

  function toRecords(
    events: readonly RowEvent[],
    occurredAt: number | null,
    extra: ReadonlyMap<string, unknown>,
  ): ReturnType<ReadRow> {
    const { tenantId, pseudonymKey, now } = options;
    const receivedAt = now();
    const made: RecordReceived[] = [];
    for (const { type, subject, data } of events) {
      const read = records.read(type, subject, data, extra, receivedAt);
      if (!read.ok) return { errors: read.errors.map((error) => asCellError(table, error)) };
      const said = JSON.stringify([type, subject, occurredAt, data, [...extra]]);
      const vendorEventId = createHash('sha256').update(said).digest('hex').slice(0, 32);
      made.push({
        ...read.content,
        event_id: eventId(tenantId, way, 'record', vendorEventId, origin),
        tenant_id: tenantId,
        source: way,
        origin,
        vendor_event_id: vendorEventId,
        event_type: type,
        external_id: subject,
        entity_key: entityKeyOf(pseudonymKey, tenantId, read.content.kind, subject),
        occurred_at: occurredAt,
        received_at: receivedAt,
      });
    }
    return { records: made };
  }
}

function columnOf(table: Table, name: string): Column | undefined {
  const wanted = name
    .trim()
    .toLowerCase()
    .replaceAll(/[\s.-]+/g, '_');
  return (
    table.columns.find((column) => column.name === wanted) ??
    table.columns.find(({ aliases }) => aliases?.includes(wanted))
  );
}

function nameOf(column: Column | string): string {
  return typeof column === 'string' ? column : column.name;
}

/** What the cells say, in the order of the table's columns, whatever the file's. */
function dataOf({ columns }: Table, cells: Cells): Record<string, unknown> {
  const data: Record<string, unknown> = {};
  for (const { name, to } of columns) {
    if (to === undefined || !cells.has(name)) continue;
    const [first = '', second] = to.split('.');
    if (second === undefined) data[first] = cells.get(name);
    else data[first] = { ...Object(data[first]), [second]: cells.get(name) };
  }
  return data;
}

function sorted(extra: ReadonlyMap<string, unknown>): Map<string, unknown> {
  return new Map([...extra].sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** Where the validation of events speaks of a path, a file has a column. */
function asCellError({ columns }: Table, { location, message, fix }: ProblemError): CellError {
  const path = location.replace(/^data\.?/, '').replaceAll(/\[\d+\].*$/g, '');
  return { column: columns.find(({ to }) => to === path)?.name ?? path, message, fix };
}
