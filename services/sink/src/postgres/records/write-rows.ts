import type { RecordState } from '@switchboard/domain/records/record-state';
import { namedPrefix } from '@switchboard/domain/records/record-statements';
import type { Client, Queryable } from '@switchboard/postgres';
import { loadRows } from '@switchboard/postgres/records/record-states';
import type { Row } from '@switchboard/postgres/rows';
import { type ChangedRecord, changes, partsOfStep, type Winners } from './changed-record.ts';
import { type Columns, overlay } from './overlay.ts';

/** How the rows of one kind of record are made. */
export interface RowRules {
  table: Parameters<typeof loadRows>[2];
  upsert: (client: Queryable, rows: readonly Row[]) => Promise<void>;
  /** The columns that the record's state tells. */
  columns: (record: ChangedRecord, winners: Winners, state: RecordState) => Columns;
  /** Columns of a stored row that were set here: what is told leaves them alone. */
  setHere?: (stored: Row) => readonly string[];
  /** What a new row has besides, and where nothing is told. */
  defaults: (record: ChangedRecord) => Row;
}

export interface WrittenRow {
  record: ChangedRecord;
  row: Row;
  stored: Row | undefined;
}

/** Writes the rows of the records of one kind that change. */
export async function writeRows(
  client: Client,
  tenantId: string,
  records: readonly ChangedRecord[],
  { table, upsert, columns, setHere = () => [], defaults }: RowRules,
): Promise<WrittenRow[]> {
  const changed = records.filter(changes);
  const stored = await loadRows(
    client,
    tenantId,
    table,
    changed.map(({ id }) => id),
  );
  const written = changed.flatMap((record) => {
    const row = stored.get(record.id);
    const was: Columns = record.known
      ? { ...columns(record, record.was, record.before), ...identityOf(record) }
      : {};
    const now = { ...columns(record, record.now, record.after), ...identityOf(record) };
    // What was made here is no placeholder, however little the clinic's system says.
    if (row && !record.known) Object.assign(now, { placeholder: undefined });
    for (const name of row ? setHere(row) : []) Object.assign(now, { [name]: was[name] });
    const next = overlay(row, was, now, { tenant_id: tenantId, id: record.id, ...defaults(record) });
    return next ? [{ record, row: next, stored: row }] : [];
  });
  await upsert(
    client,
    written.map(({ row }) => row),
  );
  return written;
}

/** What others call the record; null where nobody numbers it. */
export function identityOf({ kind, externalId, numbering }: ChangedRecord): Columns {
  if (kind === 'step') return { source: numbering, external_id: partsOfStep(externalId).stepId };
  const numbered = isNumbered(externalId);
  return { source: numbered ? numbering : null, external_id: numbered ? externalId : null };
}

/** Whether what a record is known by is a number of the sender's. */
export function isNumbered(externalId: string): boolean {
  return !externalId.startsWith(namedPrefix) && !externalId.startsWith('of ');
}
