import type { PatientDetails, RecordReceived, ScheduleDetails } from '@switchboard/schemas';
import type { DeadLetterReason } from '../dead-letter-reasons.ts';
import { isUuid } from '../ids.ts';
import { isRecordEventType } from './record-events.ts';

/** Why an event cannot be taken. The detail names fields, never values. */
export interface Refusal {
  reason: DeadLetterReason;
  detail: string | null;
}

const earliest = Date.UTC(1990, 0, 1);
const yearMs = 366 * 86_400_000;
/** How far ahead something may be planned: as ingest and import take it. */
const latestYears = 10;
/** Longest appointment: one that is told as longer has a wrong end. */
export const longestAppointmentMs = 86_400_000;

/** What is wrong with an event of the clinic's system by itself, whatever else is known; null: nothing. */
export function checkRecordEvent(event: RecordReceived): Refusal | null {
  const { event_type, kind, external_id } = event;
  if (!isRecordEventType(event_type) || event_type.split('.')[0] !== kind)
    return { reason: 'unknown_event_type', detail: null };
  if (external_id === '' || event.step?.external_id === '') return invalid('external_id');
  return (
    checkTimes(event) ??
    checkAppointment(event) ??
    checkPatients(event) ??
    checkSchedule(event.schedule) ??
    checkZone('location.time_zone', event.location?.time_zone) ??
    checkMessage(event)
  );
}

function checkTimes(event: RecordReceived): Refusal | null {
  const latest = event.received_at + latestYears * yearMs;
  const groups = { event: { occurred_at: event.occurred_at }, ...timed(event) };
  for (const [group, details] of Object.entries(groups)) {
    const times: [string, unknown][] = Object.entries(details ?? {});
    const wrong = times.find(
      ([name, value]) =>
        /(_at|^start|^end|_start|_end)$/.test(name) &&
        typeof value === 'number' &&
        (value < earliest || value > latest),
    );
    if (wrong) return { reason: 'implausible_time', detail: `${group}.${wrong[0]}` };
  }
  return null;
}

function timed({ appointment, journey, step, message }: RecordReceived) {
  return { appointment, journey, step, message };
}

function checkAppointment({ appointment }: RecordReceived): Refusal | null {
  if (!appointment) return null;
  const { start, end, appointment_id, fee_minor, fee_currency } = appointment;
  if (start !== null && end !== null && end <= start) return { reason: 'ends_before_start', detail: null };
  if (start !== null && end !== null && end - start > longestAppointmentMs)
    return { reason: 'implausible_time', detail: 'appointment.end' };
  if (appointment_id !== null && !isUuid(appointment_id)) return invalid('appointment.appointment_id');
  if (fee_minor !== null && fee_minor < 0) return invalid('appointment.fee_minor');
  if (fee_currency !== null && !/^[A-Z]{3}$/.test(fee_currency)) return invalid('appointment.fee_currency');
  return null;
}

function checkPatients(event: RecordReceived): Refusal | null {
  const { patient, external_id, kind } = event;
  const into = patient?.merged_into ?? null;
  if (kind === 'patient' && into === external_id)
    return { reason: 'refers_to_itself', detail: 'merged_into' };
  if (event.event_type === 'patient.merged' && (into === null || into === ''))
    return invalid('patient.merged_into');
  const all: (PatientDetails | null | undefined)[] = [
    patient,
    event.appointment?.patient,
    event.journey?.patient,
    event.message?.patient,
  ];
  for (const one of all) {
    if (one?.date_of_birth && !isBirthDate(one.date_of_birth, event.received_at))
      return invalid('patient.date_of_birth');
    if (one?.external_id === '') return invalid('patient.external_id');
  }
  return null;
}

function isBirthDate(text: string, now: number): boolean {
  return isDate(text) && text >= '1880-01-01' && Date.parse(text) <= now + 86_400_000;
}

function checkSchedule(schedule: ScheduleDetails | null): Refusal | null {
  if (!schedule) return null;
  const { valid_from, valid_to } = schedule;
  if (valid_from !== null && !isDate(valid_from)) return invalid('schedule.valid_from');
  if (valid_to !== null && !isDate(valid_to)) return invalid('schedule.valid_to');
  if (valid_from !== null && valid_to !== null && valid_to < valid_from) return invalid('schedule.valid_to');
  for (const { weekday, start, end, slot_minutes } of schedule.rules ?? [])
    if (weekday < 1 || weekday > 7 || !isNightOrDay(start, end) || !isSlotLength(slot_minutes))
      return invalid('schedule.rules');
  for (const { date, start, end } of schedule.exceptions ?? [])
    if (!isDate(date) || !isSpan(start ?? '00:00', end ?? '24:00')) return invalid('schedule.exceptions');
  return checkZone('schedule.time_zone', schedule.time_zone);
}

function checkZone(field: string, zone: string | null | undefined): Refusal | null {
  if (!zone) return null;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return null;
  } catch {
    return invalid(field);
  }
}

function checkMessage({ message }: RecordReceived): Refusal | null {
  const { direction = null, channel = null } = message ?? {};
  if (direction !== null && !['outbound', 'inbound'].includes(direction)) return invalid('message.direction');
  if (channel !== null && !['whatsapp', 'sms', 'email'].includes(channel)) return invalid('message.channel');
  return null;
}

/** Whether slots of hours may be so long, minutes; null: nobody tells. */
export function isSlotLength(minutes: number | null): boolean {
  return minutes === null || (minutes >= 1 && minutes <= 1_440);
}

function isDate(text: string): boolean {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : new Date(Number.NaN);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

function isTime(text: string): boolean {
  return /^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/.test(text);
}

function isSpan(start: string, end: string): boolean {
  return isTime(start) && isTime(end) && start < end;
}

/** Hours of every week go on past midnight where they end before they start. */
function isNightOrDay(start: string, end: string): boolean {
  return isTime(start) && isTime(end) && start !== end && start !== '24:00';
}

function invalid(detail: string): Refusal {
  return { reason: 'invalid_value', detail };
}
