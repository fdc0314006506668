import { type AppointmentState, occupyingStates } from '@switchboard/domain/records/appointment-states';
import type { Row } from '@switchboard/postgres/rows';

/** An appointment as it keeps its practitioner's time; times are Unix ms, buffers included. */
export interface Slot {
  id: string;
  practitionerId: string;
  from: number;
  to: number;
  /** Made here and not known to the clinic's system: it stands. */
  own: boolean;
  /** Unix ms; who booked first stands. */
  bookedAt: number;
  externalId: string;
}

const minuteMs = 60_000;

/** Undefined: it keeps nobody's time. */
export function slotOf(row: Row): Slot | undefined {
  const { id, practitioner_id, status, entered_in_error, external_id } = row;
  const occupies = occupyingStates.some((state: AppointmentState) => state === status);
  if (typeof practitioner_id !== 'string' || !occupies || entered_in_error === true) return undefined;
  return {
    id: String(id),
    practitionerId: practitioner_id,
    from: timeIn(row.starts_at) - Number(row.buffer_before_minutes ?? 0) * minuteMs,
    to: timeIn(row.ends_at) + Number(row.buffer_after_minutes ?? 0) * minuteMs,
    own: typeof external_id !== 'string',
    bookedAt: row.booked_at ? timeIn(row.booked_at) : Number.POSITIVE_INFINITY,
    externalId: typeof external_id === 'string' ? external_id : '',
  };
}

/**
 * Ids of the slots that are in conflict: each overlaps one that stands. What was made here stands, then whatever was
 * booked first; so the answer depends on the slots alone, not on who was told first.
 */
export function judgeConflicts(slots: readonly Slot[]): Set<string> {
  const conflicts = new Set<string>();
  for (const all of Map.groupBy(slots, ({ practitionerId }) => practitionerId).values()) {
    const standing: Slot[] = [];
    for (const slot of all.sort(byPrecedence)) {
      if (standing.some((other) => overlap(slot, other))) conflicts.add(slot.id);
      else standing.push(slot);
    }
  }
  return conflicts;
}

/** Ids of the appointments that overlap another, in any place that one of them has; each may be given in several. */
export function findMeeting(slots: readonly Slot[]): Set<string> {
  const meeting = new Set<string>();
  for (const all of Map.groupBy(slots, ({ practitionerId }) => practitionerId).values())
    for (const slot of all)
      if (all.some((other) => other.id !== slot.id && overlap(slot, other))) meeting.add(slot.id);
  return meeting;
}

function overlap(left: Slot, right: Slot): boolean {
  return left.from < right.to && right.from < left.to;
}

function byPrecedence(left: Slot, right: Slot): number {
  return (
    Number(right.own) - Number(left.own) ||
    compare(left.bookedAt, right.bookedAt) ||
    compare(left.externalId, right.externalId) ||
    compare(left.id, right.id)
  );
}

function compare(left: number | string, right: number | string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function timeIn(value: unknown): number {
  return Date.parse(String(value));
}
