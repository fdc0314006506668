import { emptyState } from '@switchboard/domain/records/record-state';
import type { Client } from '@switchboard/postgres';
import { releaseTwins } from '@switchboard/postgres/people/settle-twins';
import {
  clearConflicts,
  insertAppointmentHistory,
  loadAppointments,
  type StoredAppointment,
  upsertAppointments,
} from '@switchboard/postgres/records/appointments';
import { loadRows } from '@switchboard/postgres/records/record-states';
import type { Row } from '@switchboard/postgres/rows';
import { type Answered, isMadeHere, retireReplaced } from './adopt-appointments.ts';
import { historyOf } from './appointment-history.ts';
import { type ChangedRecord, changes, numberOf } from './changed-record.ts';
import { type Judged, judgeAppointments, type ToldAppointment } from './judge-appointments.ts';
import { type Links, referenceIn } from './links.ts';
import { type Columns, isOtherwise, overlay } from './overlay.ts';
import { besideOwn } from './own-changes.ts';
import { appointmentColumns, movesOf } from './render-appointment.ts';
import { identityOf } from './write-rows.ts';

export interface WrittenAppointments {
  /** All whose rows changed. */
  changed: string[];
  /** Those that had no row under this id before. */
  created: string[];
}

/**
 * Writes appointments, each change with its history. What overlaps is kept as a conflict, and all that it overlaps is
 * judged again; so the constraint is never met by what the clinic's system says.
 * @param answered what answers a change of ours
 * @param patientOf who stands for a patient that was merged
 */
export async function writeAppointments(
  client: Client,
  tenantId: string,
  records: readonly ChangedRecord[],
  { adopted, replaced }: Answered,
  links: Links,
  patientOf: (id: string) => string,
  now: () => number,
): Promise<WrittenAppointments> {
  const changing = records.filter((record) => changes(record) || adopted.has(record.id));
  const retired = await loadAppointments(
    client,
    tenantId,
    replaced.map(({ from }) => from),
  );
  await retireReplaced(client, tenantId, replaced);
  const ids = changing.map(({ id }) => id);
  const released = await releaseTwins(client, tenantId, ids);
  const found = await loadAppointments(client, tenantId, ids);
  const stored = new Map(found.map((one) => [String(one.row.id), one]));
  const durations = await durationsOf(client, tenantId, changing, stored, links);
  const told = changing.flatMap((record): ToldAppointment[] => {
    const one = stored.get(record.id);
    const row = rowOf(tenantId, record, one, adopted.has(record.id), (winners, state) =>
      appointmentColumns(record, winners, state, links, durations(record), patientOf, one?.row),
    );
    return row ? [{ record, stored: one, row }] : [];
  });
  const freed = replaced.flatMap(({ from, to }) => {
    const old = retired.find(({ row }) => row.id === from);
    const record = records.find(({ id }) => id === to);
    return old && record ? [{ row: old.row, record }] : [];
  });
  const again = released.flatMap(({ row, twin }) => {
    const record = changing.find(({ id }) => id === twin || id === row.id);
    return record ? [{ row, record }] : [];
  });
  const judged = await judgeAppointments(client, tenantId, told, [...freed, ...again], now());
  await writeInTurns(client, tenantId, judged);
  await insertAppointmentHistory(
    client,
    judged.map(({ record, row, before }) => historyOf(tenantId, record, before, row)),
  );
  return {
    changed: [...judged, ...released]
      .map(({ row }) => String(row.id))
      .concat(replaced.map(({ from }) => from)),
    created: [...told.filter((one) => !one.stored).map(({ record }) => record.id), ...adopted],
  };
}

function rowOf(
  tenantId: string,
  record: ChangedRecord,
  stored: StoredAppointment | undefined,
  adopted: boolean,
  columns: (winners: ChangedRecord['now'], state: ChangedRecord['after']) => Columns | undefined,
): Row | undefined {
  const now = columns(record.now, record.after);
  if (!now) return undefined;
  // Of a row that was made here nothing was told before.
  const before = adopted ? emptyState : record.before;
  const was = adopted ? undefined : columns(record.was, before);
  const told = { was: was ?? {}, now };
  const here = stored ? besideOwn(told, { before, after: record.after }, stored) : told;
  const movesIn = ({ moves }: ChangedRecord['after']) => movesOf(moves, stored?.own_moves ?? []);
  // Rows of before this was known are found by what they hold.
  const { booking_time_unknown = false } = stored?.row ?? {};
  const known = was && { ...identityOf(record), ...movesIn(before), booking_time_unknown };
  const next = { ...here.now, ...identityOf(record), ...movesIn(record.after) };
  // The two are of one decision: one that is told otherwise than the row has it is never written without the other.
  const isMoved = ['starts_at', 'ends_at'].some((name) => isOtherwise(name, here.was, here.now));
  const unmoved = isMoved ? { starts_at: undefined, ends_at: undefined } : {};
  const row = overlay(stored?.row, { ...here.was, ...known, ...unmoved }, next, {
    tenant_id: tenantId,
    id: record.id,
    buffer_before_minutes: 0,
    buffer_after_minutes: 0,
    conflict: false,
    booking_time_unknown: false,
    placeholder: false,
    entered_in_error: false,
    version: 0,
  });
  if (!row) return undefined;
  return { ...row, hold_expires_at: row.status === 'held' ? row.hold_expires_at : null };
}

/** How long a visit of the kind is, ms; one that was made here, and of whose kind nobody tells how long it is: as long as it is. */
async function durationsOf(
  client: Client,
  tenantId: string,
  records: readonly ChangedRecord[],
  stored: ReadonlyMap<string, StoredAppointment>,
  links: Links,
): Promise<(record: ChangedRecord) => number> {
  const typeOf = (record: ChangedRecord) =>
    links.idOf('appointment_type', record, referenceIn(record.now, 'appointment_type'));
  const unsaid = records.filter(({ now }) => numberOf(now, 'length') === undefined);
  const types = await loadRows(
    client,
    tenantId,
    'appointment_types',
    unsaid.flatMap((record) => typeOf(record) ?? []),
  );
  return (record) => {
    const type = types.get(typeOf(record) ?? '');
    const row = type?.duration_told === true ? undefined : stored.get(record.id)?.row;
    if (row && isMadeHere(row)) return Date.parse(String(row.ends_at)) - Date.parse(String(row.starts_at));
    return Number(type?.duration_minutes ?? 30) * 60_000;
  };
}

/** First all that may meet another, as conflicts, which meet nobody; then those of them that stand. */
async function writeInTurns(client: Client, tenantId: string, judged: readonly Judged[]): Promise<void> {
  await upsertAppointments(
    client,
    judged.map(({ row, contended }) => (contended ? { ...row, conflict: true } : row)),
  );
  await clearConflicts(
    client,
    tenantId,
    judged
      .filter(({ row, contended }) => contended && row.conflict === false)
      .map(({ row }) => String(row.id)),
  );
}
