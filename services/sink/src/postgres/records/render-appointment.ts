import { longestAppointmentMs } from '@switchboard/domain/records/check-event';
import {
  countMoves,
  type FieldStates,
  heldOf,
  isFileSource,
  lastMovedAt,
  type Move,
  type RecordState,
} from '@switchboard/domain/records/record-state';
import type { StoredAppointment } from '@switchboard/postgres/records/appointments';
import type { Row } from '@switchboard/postgres/rows';
import { isMadeHere } from './adopt-appointments.ts';
import {
  type ChangedRecord,
  isoOf,
  momentOf,
  numberOf,
  textOf,
  timeOf,
  type Winners,
} from './changed-record.ts';
import { type Links, patientIn, referenceIn } from './links.ts';
import type { Columns } from './overlay.ts';

const channels = ['voice', 'whatsapp', 'web', 'desk', 'import'];

/**
 * The columns of an appointment as its state tells them; undefined: it has no row yet, since nobody knows when it is. Of one
 * that has a row it need not be told: an answer to a booking of ours may say by our id alone which one is confirmed.
 * @param durationMs how long it is, where nobody says it
 * @param patientOf who stands for a patient that was merged
 */
export function appointmentColumns(
  record: ChangedRecord,
  winners: Winners,
  state: RecordState,
  links: Links,
  durationMs: number,
  patientOf: (id: string) => string,
  row: Row | undefined,
): Columns | undefined {
  const starts = numberOf(winners, 'start');
  const status = textOf(winners, 'status');
  if ((starts === undefined && !row) || status === undefined) return undefined;
  const patientId = links.idOf('patient', record, patientIn(record, winners));
  const link = (kind: 'practitioner' | 'location' | 'appointment_type') =>
    links.idOf(kind, record, referenceIn(winners, kind));
  const channel = textOf(winners, 'channel');
  const fee = numberOf(winners, 'fee_minor');
  const currency = textOf(winners, 'fee_currency');
  const isPriced = fee !== undefined && currency !== undefined;
  const only = (wanted: string, told: string | undefined) => (status === wanted ? told : undefined);
  const cancelledBy = textOf(winners, 'cancelled_by');
  return {
    patient_id: patientId && patientOf(patientId),
    original_patient_id: patientId,
    practitioner_id: link('practitioner'),
    location_id: link('location'),
    appointment_type_id: link('appointment_type'),
    status,
    starts_at: starts === undefined ? row?.starts_at : isoOf(starts),
    ends_at: starts === undefined ? row?.ends_at : isoOf(endOf(starts, winners, state, durationMs)),
    moves: countMoves(state.moves),
    reason: textOf(winners, 'reason'),
    booked_at: timeOf(winners, 'booked_at'),
    booking_time_unknown:
      !(row && isMadeHere(row)) &&
      timeOf(winners, 'booked_at') === undefined &&
      sourcesOf(state).some(isFileSource),
    confirmed_at: timeOf(winners, 'confirmed_at'),
    checked_in_at: hasArrived(status) ? timeOf(winners, 'checked_in_at') : undefined,
    completed_at: only('completed', timeOf(winners, 'completed_at')),
    cancelled_at: only('cancelled', timeOf(winners, 'cancelled_at')),
    cancelled_by: only(
      'cancelled',
      ['patient', 'clinic'].includes(cancelledBy ?? '') ? cancelledBy : undefined,
    ),
    cancel_reason: only('cancelled', textOf(winners, 'cancel_reason')),
    channel: row && isMadeHere(row) ? row.channel : channelOf(channel, state),
    fee_minor: isPriced ? fee : undefined,
    fee_currency: isPriced ? currency : undefined,
  };
}

/** Whether a visit of a status tells when its patient came. */
export function hasArrived(status: unknown): boolean {
  return status === 'checked_in' || status === 'completed';
}

/** How often it was moved, and when last. Moves made here are moves too; the clinic system's answer to one is none of its own. */
export function movesOf(
  moves: FieldStates<Move>,
  own: StoredAppointment['own_moves'],
): { moves: number; moved_at: string | null } {
  const here = own.map(({ start, at, version }) => {
    const held = { value: { start }, time: at, rank: 0, id: String(version), received: at };
    return [`own ${version}`, { own: held }] as const;
  });
  const all = { ...moves, ...Object.fromEntries(here) };
  return { moves: countMoves(all), moved_at: isoOf(lastMovedAt(all) ?? undefined) ?? null };
}

/** Who moves an appointment's start alone moves its end with it. */
function endOf(starts: number, winners: Winners, state: RecordState, durationMs: number): number {
  const end = numberOf(winners, 'end');
  const span = end === undefined ? 0 : end - starts;
  const together = heldOf(state.fields, 'start')?.id === heldOf(state.fields, 'end')?.id;
  const isLater = (momentOf(state, 'end') ?? 0) >= (momentOf(state, 'start') ?? 0);
  if (end !== undefined && span > 0 && span <= longestAppointmentMs && (together || isLater)) return end;
  return starts + (numberOf(winners, 'length') ?? durationMs);
}

/** Where nobody says it: at the desk, or, where files alone tell of it, unknown, as all that is imported. */
function channelOf(told: string | undefined, state: RecordState): string {
  if (told !== undefined && channels.includes(told)) return told;
  return sourcesOf(state).every(isFileSource) ? 'import' : 'desk';
}

function sourcesOf({ fields }: RecordState): string[] {
  return Object.values(fields).flatMap((said) => Object.keys(said));
}
