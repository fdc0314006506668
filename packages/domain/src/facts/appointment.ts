import type { FactDefinition, Statement, Statements } from './fact-definition.ts';
import {
  currency,
  elapsed,
  flag,
  histogram,
  identifier,
  localTimeColumns,
  micro,
  noId,
} from './statement-parts.ts';

/** One appointment, under the day it starts on, the day it was made, and the day it was cancelled. */
export const appointmentFact = {
  kind: 'appointment',
  statementVersion: 2,
  count: 'appointments',
  bases: ['starts', 'created', 'cancelled'],
  dimensions: {
    status: 'text',
    channel: 'text',
    appointment_type: 'text',
    fee_currency: 'text',
    practitioner_id: 'id',
    department_id: 'id',
    location_id: 'id',
    patient_id: 'id',
  },
  measures: [
    'patient_cancelled',
    'clinic_cancelled',
    'late_cancelled',
    'confirmed_in_time',
    'moved',
    'moves',
    'same_day',
    'new_patient',
    'first_event',
    'ai_booked',
    'after_hours',
    'contacts_before',
    'rebooked_30d',
    'returned_90d',
    'slot_refilled',
    'arrival_known',
    'arrived_late',
    'overlaps',
    'duration_ms',
    'lost_fee_micro',
  ],
  histograms: ['lead_time_ms_hist', 'refill_time_ms_hist'],
  rollupDimensions: ['status', 'channel', 'practitioner_id', 'department_id', 'fee_currency'],
} as const satisfies FactDefinition;

/** An appointment as the records hold it, with what others say of it. Times are Unix ms. */
export interface AppointmentRecord {
  /** `held` is a slot kept free during a booking: no appointment yet, and nothing is stated of it. */
  status:
    | 'held'
    | 'scheduled'
    | 'confirmed'
    | 'checked_in'
    | 'completed'
    | 'cancelled'
    | 'no_show'
    | 'entered_in_error';
  /** Made to try the system out; never counted. */
  isTest: boolean;
  startsAt: number;
  endsAt: number;
  createdAt: number;
  /** When it was made is a guess: it counts as created on no day. */
  bookingTimeUnknown: boolean;
  /** `voice whatsapp web desk import`; null: unknown. */
  channel: string | null;
  /** Id of the kind of appointment, as the clinic names it. */
  appointmentType: string | null;
  practitionerId: string | null;
  departmentId: string | null;
  locationId: string | null;
  patientId: string | null;
  confirmedAt: number | null;
  checkedInAt: number | null;
  cancelledAt: number | null;
  cancelledBy: 'patient' | 'clinic' | null;
  /** How often its time or practitioner was changed. */
  moves: number;
  bookedByAi: boolean;
  bookedAfterHours: boolean;
  feeMinor: number | null;
  feeCurrency: string | null;
  /** No earlier appointment of the patient. */
  firstAppointment: boolean;
  /** Neither an appointment nor a conversation of the patient was there before. */
  firstEvent: boolean;
  /** Conversations of the patient since the booking before this one. */
  contactsBefore: number;
  /** After it was cancelled or missed, the patient booked again within 30 days. */
  rebookedWithin30Days: boolean;
  /** After it was completed, the patient came again within 90 days. */
  returnedWithin90Days: boolean;
  /** When somebody else took the slot that it set free. */
  slotRefilledAt: number | null;
  /** Earlier appointments of the practitioner that it overlaps and that stand, as it does. */
  overlaps: number;
}

const hourMs = 3_600_000;

/**
 * What analytics is told of an appointment under each basis. No PHI; integers, so that a statement taken back leaves
 * every sum as it was. Whether its hour is over is decided when a question is asked.
 * @param zone the clinic's IANA zone, whose days count
 */
export function stateAppointmentFacts(
  record: AppointmentRecord,
  zone: string,
): Statements<typeof appointmentFact> {
  if (record.isTest || record.status === 'held' || record.status === 'entered_in_error')
    return { starts: null, created: null, cancelled: null };
  const under = (ms: number): Statement<typeof appointmentFact> => ({
    ...localTimeColumns(ms, zone),
    ...columnsOf(record, zone),
  });
  const cancelled = record.status === 'cancelled' ? record.cancelledAt : null;
  return {
    starts: under(record.startsAt),
    created: record.bookingTimeUnknown ? null : under(record.createdAt),
    cancelled: cancelled === null ? null : under(cancelled),
  };
}

function columnsOf(record: AppointmentRecord, zone: string) {
  const cancelled = record.status === 'cancelled';
  const missed = cancelled || record.status === 'no_show';
  const late = cancelled && record.cancelledAt !== null && record.startsAt - record.cancelledAt < 24 * hourMs;
  const lost = (late || record.status === 'no_show') && record.slotRefilledAt === null;
  const refilledAt = cancelled ? record.slotRefilledAt : null;
  const { startsAt, createdAt, checkedInAt, confirmedAt } = record;
  return {
    statement_version: appointmentFact.statementVersion,
    status: record.status,
    channel: identifier(record.channel),
    appointment_type: identifier(record.appointmentType),
    fee_currency: record.feeMinor === null ? '' : currency(record.feeCurrency),
    practitioner_id: record.practitionerId ?? noId,
    department_id: record.departmentId ?? noId,
    location_id: record.locationId ?? noId,
    patient_id: record.patientId ?? noId,
    patient_cancelled: flag(cancelled && record.cancelledBy === 'patient'),
    clinic_cancelled: flag(cancelled && record.cancelledBy === 'clinic'),
    late_cancelled: flag(late),
    confirmed_in_time: flag(confirmedAt !== null && confirmedAt < startsAt),
    moved: flag(record.moves > 0),
    moves: record.moves,
    same_day: flag(
      localTimeColumns(startsAt, zone).local_date === localTimeColumns(createdAt, zone).local_date,
    ),
    new_patient: flag(record.firstAppointment),
    first_event: flag(record.firstEvent),
    ai_booked: flag(record.bookedByAi),
    after_hours: flag(record.bookedAfterHours),
    contacts_before: record.contactsBefore,
    rebooked_30d: flag(missed && record.rebookedWithin30Days),
    returned_90d: flag(record.status === 'completed' && record.returnedWithin90Days),
    slot_refilled: flag(refilledAt !== null),
    arrival_known: flag(checkedInAt !== null),
    arrived_late: flag(checkedInAt !== null && checkedInAt > startsAt),
    overlaps: missed ? 0 : record.overlaps,
    duration_ms: Math.max(0, record.endsAt - startsAt),
    lost_fee_micro: lost ? micro(record.feeMinor) : 0,
    lead_time_ms_hist: histogram(elapsed(createdAt, startsAt)),
    refill_time_ms_hist: histogram(elapsed(record.cancelledAt, refilledAt)),
  };
}
