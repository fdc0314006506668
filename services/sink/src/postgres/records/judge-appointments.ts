import type { Client } from '@switchboard/postgres';
import {
  deleteHolds,
  loadOverlapping,
  type StoredAppointment,
} from '@switchboard/postgres/records/appointments';
import type { Row } from '@switchboard/postgres/rows';
import type { ChangedRecord } from './changed-record.ts';
import { findMeeting, judgeConflicts, slotOf } from './judge-conflicts.ts';

/** An appointment as it becomes. */
export interface ToldAppointment {
  record: ChangedRecord;
  stored: StoredAppointment | undefined;
  row: Row;
}

export interface Judged {
  /** Whose event changes it: its own, or that of one it overlaps. */
  record: ChangedRecord;
  /** Told of itself, not only judged again. */
  told: boolean;
  before: Row | undefined;
  row: Row;
  /** May meet another on the way to where all of them end. */
  contended: boolean;
}

/**
 * Marks conflicts among what is told and all that it overlaps, before and after.
 * @param freed rows that keep nobody's time any more, or do so again, and the record by which that is
 */
export async function judgeAppointments(
  client: Client,
  tenantId: string,
  told: readonly ToldAppointment[],
  freed: readonly { row: Row; record: ChangedRecord }[],
  now: number,
): Promise<Judged[]> {
  const moved = told.filter(({ stored, row }) => !stored || occupiesOtherwise(stored.row, row));
  const slots = [
    ...freed.map(({ row }) => slotOf(row)),
    ...moved.flatMap(({ stored, row }) => [stored && slotOf(stored.row), slotOf(row)]),
  ].filter((slot) => slot !== undefined);
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
    const record = causeOf(row, moved) ?? freed[0]?.record;
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
function causeOf(row: Row, moved: readonly ToldAppointment[]): ChangedRecord | undefined {
  const beside = moved.find((one) =>
    [one.stored?.row, one.row].some((other) => other?.practitioner_id === row.practitioner_id),
  );
  return (beside ?? moved[0])?.record;
}
