import { heldOf } from '@switchboard/domain/records/record-state';
import type { Client } from '@switchboard/postgres';
import {
  clearConflicts,
  deleteHolds,
  insertAppointmentHistory,
  loadAppointments,
  loadOverlapping,
  type StoredAppointment,
  upsertAppointments,
} from '@switchboard/postgres/records/appointments';
import { loadRows } from '@switchboard/postgres/records/record-states';
import type { Row } from '@switchboard/postgres/rows';
import { type Answered, retireReplaced } from './adopt-appointments.ts';
import { type ChangedRecord, changes, numberOf } from './changed-record.ts';
import { findMeeting, judgeConflicts, slotOf } from './judge-conflicts.ts';
import { type Links, referenceIn } from './links.ts';
import { type Columns, changedColumns, overlay } from './overlay.ts';
import { appointmentColumns, countAllMoves, withoutOlder } from './render-appointment.ts';
import { identityOf } from './write-rows.ts';

export interface WrittenAppointments {
  /** All whose rows changed. */
  changed: string[];
  /** Those that had no row under this id before. */
  created: string[];
}

interface Told {
  record: ChangedRecord;
  stored: StoredAppointment | undefined;
  row: Row;
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
  await retireReplaced(client, tenantId, replaced);
  const found = await loadAppointments(
    client,
    tenantId,
    changing.map(({ id }) => id),
  );
  const stored = new Map(found.map((one) => [String(one.row.id), one]));
  const durations = await durationsOf(client, tenantId, changing, links);
  const told = changing.flatMap((record): Told[] => {
    const one = stored.get(record.id);
    const row = rowOf(tenantId, record, one, adopted.has(record.id), (winners, state) =>
      appointmentColumns(record, winners, state, links, durations(record), patientOf),
    );
    return row ? [{ record, stored: one, row }] : [];
  });
  const judged = await judge(client, tenantId, told, now());
  await writeInTurns(client, tenantId, judged);
  await insertAppointmentHistory(
    client,
    judged.map(({ record, row, before }) => historyOf(tenantId, record, before, row)),
  );
  return {
    changed: [...judged.map(({ row }) => String(row.id)), ...replaced.map(({ from }) => from)],
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
  const told = columns(record.now, record.after);
  if (!told) return undefined;
  const movesIn = ({ moves }: ChangedRecord['after']) => countAllMoves(moves, stored?.own_moves ?? []);
  const before = adopted || !stored ? undefined : columns(record.was, record.before);
  const was = before ? { ...before, ...identityOf(record), moves: movesIn(record.before) } : {};
  const here = stored ? withoutOlder(told, record.after, stored) : told;
  const next = { ...here, ...identityOf(record), moves: movesIn(record.after) };
  // Where it was made is known here.
  if (adopted) Object.assign(next, { channel: undefined });
  const kept = Object.fromEntries(Object.entries(was).filter(([name]) => name in next));
  const row = overlay(stored?.row, kept, next, {
    tenant_id: tenantId,
    id: record.id,
    buffer_before_minutes: 0,
    buffer_after_minutes: 0,
    conflict: false,
    placeholder: false,
    entered_in_error: false,
    version: 0,
  });
  if (!row) return undefined;
  return { ...row, hold_expires_at: row.status === 'held' ? row.hold_expires_at : null };
}

/** How long a visit of the kind is, ms. */
async function durationsOf(
  client: Client,
  tenantId: string,
  records: readonly ChangedRecord[],
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
  return (record) => Number(types.get(typeOf(record) ?? '')?.duration_minutes ?? 30) * 60_000;
}

interface Judged {
  /** Whose event changes it: its own, or that of one it overlaps. */
  record: ChangedRecord;
  /** Told of itself, not only judged again. */
  told: boolean;
  before: Row | undefined;
  row: Row;
  /** May meet another on the way to where all of them end. */
  contended: boolean;
}

/** Marks conflicts among what is told and all that it overlaps, before and after. */
async function judge(
  client: Client,
  tenantId: string,
  told: readonly Told[],
  now: number,
): Promise<Judged[]> {
  const moved = told.filter(({ stored, row }) => !stored || occupiesOtherwise(stored.row, row));
  const slots = moved.flatMap(({ stored, row }) =>
    [stored && slotOf(stored.row), slotOf(row)].filter((slot) => slot !== undefined),
  );
  const neighbours = await loadOverlapping(client, tenantId, slots);
  const over = neighbours.filter(
    ({ status, hold_expires_at }) => status === 'held' && Date.parse(String(hold_expires_at)) <= now,
  );
  await deleteHolds(
    client,
    tenantId,
    over.map(({ id }) => String(id)),
  );
  const ends = new Map<string, Row>();
  for (const row of neighbours) if (!over.includes(row)) ends.set(String(row.id), row);
  for (const { row } of told)
    if (ends.has(String(row.id)) || moved.some((one) => one.row === row)) ends.set(String(row.id), row);
  const last = [...ends.values()].map(slotOf).filter((slot) => slot !== undefined);
  const conflicts = judgeConflicts(last);
  const meeting = findMeeting([...last, ...slots]);
  const own = told.map(({ record, stored, row }): Judged => {
    const id = String(row.id);
    const isJudged = ends.has(id);
    const conflict = isJudged ? conflicts.has(id) : row.conflict === true;
    return {
      record,
      told: true,
      before: stored?.row,
      row: { ...row, conflict, version: Number(row.version) + 1 },
      contended: isJudged && meeting.has(id),
    };
  });
  const toldIds = new Set(told.map(({ row }) => String(row.id)));
  const turned = [...ends.values()].flatMap((row): Judged[] => {
    const id = String(row.id);
    const conflict = conflicts.has(id);
    if (toldIds.has(id) || conflict === row.conflict) return [];
    const record = causeOf(row, moved);
    return record
      ? [
          {
            record,
            told: false,
            before: row,
            row: { ...row, conflict, version: Number(row.version) + 1 },
            contended: true,
          },
        ]
      : [];
  });
  return [...own, ...turned];
}

function occupiesOtherwise(before: Row, after: Row): boolean {
  return JSON.stringify(slotOf(before) ?? null) !== JSON.stringify(slotOf(after) ?? null);
}

/** The told appointment of the same practitioner that made this one be judged again. */
function causeOf(row: Row, moved: readonly Told[]): ChangedRecord | undefined {
  const beside = moved.find((one) =>
    [one.stored?.row, one.row].some((other) => other?.practitioner_id === row.practitioner_id),
  );
  return (beside ?? moved[0])?.record;
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

const changeOf: Readonly<Record<string, string>> = {
  scheduled: 'booked',
  confirmed: 'confirmed',
  checked_in: 'checked_in',
  completed: 'completed',
  cancelled: 'cancelled',
  no_show: 'no_show',
};

function historyOf(tenantId: string, record: ChangedRecord, before: Row | undefined, row: Row): Row {
  const differs = (name: string) =>
    changedColumns({ value: normal(before?.[name]) }, { value: normal(row[name]) }).length > 0;
  const own = record.id === row.id;
  const isMoved = before !== undefined && (differs('starts_at') || differs('practitioner_id'));
  const isNamed =
    own && (before === undefined || (differs('status') && !(isMoved && row.status === 'scheduled')));
  const change = isNamed
    ? (changeOf[String(row.status)] ?? 'corrected')
    : own && isMoved
      ? 'moved'
      : 'corrected';
  const held = heldOf(record.after.fields, isNamed ? 'status' : 'start');
  const { event } = record.cause;
  return {
    tenant_id: tenantId,
    appointment_id: row.id,
    version: row.version,
    change,
    occurred_at: new Date(held?.time ?? event.occurred_at ?? event.received_at).toISOString(),
    actor_kind: own ? 'clinic_system' : 'system',
    actor_id: null,
    event_id: held && own ? held.id : event.event_id,
    status: row.status,
    starts_at: row.starts_at,
    ends_at: row.ends_at,
    practitioner_id: row.practitioner_id ?? null,
    location_id: row.location_id ?? null,
  };
}

/** The database and we write the same instant differently. */
function normal(value: unknown): unknown {
  const time =
    typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? (value ?? null) : time;
}
