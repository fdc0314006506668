import { longestAppointmentMs } from '@switchboard/domain/records/check-event';
import { z } from 'zod';
import type { Clock } from '../fields/fields.ts';
import {
  amount,
  birthDate,
  currency,
  happened,
  isoDate,
  language,
  listOf,
  oneOf,
  ourId,
  planned,
  reference,
  requiredDate,
  requiredWallTime,
  textOrObject,
  timeZone,
  wallTime,
  whole,
  words,
  yesOrNo,
} from './record-fields.ts';

const longText = 20_000;
const id = () => z.string().min(1).max(200);

/** What is said of a patient, by themselves or as somebody's of another record. */
const patientFields = (clock: Clock) => ({
  external_id: words(),
  first_name: words(),
  last_name: words(),
  full_name: words(400),
  date_of_birth: birthDate(clock),
  sex: oneOf('female', 'male', 'other', 'unknown'),
  phones: listOf(z.string().min(1).max(50), 20),
  email: words(320),
  identifiers: listOf(z.object({ system: id(), value: id() }), 50),
  address: textOrObject(),
  language: language(),
  active: yesOrNo(),
  deceased: yesOrNo(),
});

const patient = (clock: Clock) =>
  z
    .object(patientFields(clock))
    .nullish()
    .transform((value) => (value ? { ...value, merged_into: null } : null));

/** Of patient.created and patient.updated. */
export const patientData = (clock: Clock) => z.object(patientFields(clock));

export const mergedPatientData = (clock: Clock) =>
  z.object({ ...patientFields(clock), merged_into: words() });

export const appointmentData = (clock: Clock) =>
  z
    .object({
      appointment_id: ourId(),
      patient: patient(clock),
      practitioner: reference(),
      location: reference(),
      department: words(),
      appointment_type: reference(),
      start: planned(clock),
      end: planned(clock),
      channel: oneOf('voice', 'whatsapp', 'web', 'desk', 'import'),
      reason: words(longText),
      fee_minor: whole(0, 1e12),
      fee_currency: currency(),
      booked_at: happened(clock),
      moved_from_start: planned(clock),
      moved_from_end: planned(clock),
      confirmed_at: happened(clock),
      checked_in_at: happened(clock),
      completed_at: happened(clock),
      cancelled_at: happened(clock),
      cancelled_by: oneOf('patient', 'clinic', 'system'),
      cancel_reason: words(longText),
      late_minutes: whole(-1_440, 1_440),
      journey: words(),
      notes: words(longText),
    })
    .check(inOrder('start', 'end'), atMostADay);

/** Longer is no visit, and kept by nobody. */
const atMostADay: z.core.CheckFn<{ start: number | null; end: number | null }> = ({ value, issues }) => {
  const { start, end } = value;
  if (start === null || end === null || end - start <= longestAppointmentMs) return;
  const fix = 'Send an end at most 24 hours after start.';
  issues.push({ code: 'custom', input: value, path: ['end'], message: 'is too late', params: { fix } });
};

const journeyFields = (clock: Clock) => ({
  patient: patient(clock),
  journey_type: words(),
  stage: words(),
  name: words(),
  practitioner: reference(),
  location: reference(),
  department: words(),
  started_at: happened(clock),
  paused_at: happened(clock),
  resumed_at: happened(clock),
  completed_at: happened(clock),
  canceled_at: happened(clock),
  reason: words(longText),
  notes: words(longText),
});

export const journeyData = (clock: Clock) => z.object(journeyFields(clock));

/** Of journey.step_scheduled and journey.step_completed. */
export const journeyStepData = (clock: Clock) =>
  z.object({
    ...journeyFields(clock),
    step: z.object({
      external_id: id(),
      name: words(),
      step_type: words(),
      stage: words(),
      position: whole(0, 100_000),
      due_at: planned(clock),
      completed_at: happened(clock),
      appointment: words(),
      result: words(longText),
    }),
  });

export const messageData = (clock: Clock) =>
  z.object({
    patient: patient(clock),
    channel: oneOf('whatsapp', 'sms', 'email'),
    direction: oneOf('outbound', 'inbound'),
    from_address: words(320),
    to_address: words(320),
    subject: words(1_000),
    body: words(100_000),
    status: oneOf('queued', 'sent', 'delivered', 'read', 'failed', 'undelivered'),
    sent_at: happened(clock),
    template: words(),
    campaign: words(),
    conversation: words(),
    appointment: words(),
    journey: words(),
    cost_minor: amount(1e12),
    cost_currency: currency(),
  });

export const practitionerData = () =>
  z.object({
    name: words(),
    title: words(),
    department: words(),
    locations: listOf(z.object({ external_id: words(), name: words() }), 100),
    languages: listOf(z.string().min(2).max(35), 50),
    active: yesOrNo(),
  });

export const locationData = () =>
  z.object({
    name: words(),
    address: textOrObject(),
    time_zone: timeZone(),
    phone: words(50),
    active: yesOrNo(),
  });

export const scheduleData = () =>
  z.object({
    practitioner: reference(),
    location: reference(),
    time_zone: timeZone(),
    valid_from: isoDate(),
    valid_to: isoDate(),
    rules: listOf(
      z
        .object({
          weekday: z.int().min(1).max(7),
          start: requiredWallTime(),
          end: requiredWallTime(),
          slot_minutes: whole(1, 1_440),
          appointment_types: listOf(z.object({ external_id: words(), name: words() }), 100).transform(
            (types) => types ?? [],
          ),
        })
        .check(nightOrDay),
      500,
    ),
    exceptions: listOf(
      z
        .object({ date: requiredDate(), available: z.boolean(), start: wallTime(), end: wallTime() })
        .check(inOrder('start', 'end')),
      2_000,
    ),
  });

/** Hours of every week go on past midnight where they end before they start. */
function nightOrDay({ value, issues }: z.core.ParsePayload<{ start: string; end: string }>): void {
  const { start, end } = value;
  const problem = (path: string, message: string, fix: string) =>
    issues.push({ code: 'custom', input: value, path: [path], message, params: { fix } });
  if (start === '24:00') problem('start', 'is the end of a day', 'Send 00:00 and the weekday after.');
  else if (start === end)
    problem('end', 'is the start', 'Send another: before start it is on the day after.');
}

/** The first of two fields is earlier than the second, where both are there. */
function inOrder<Name extends string>(
  first: Name,
  second: Name,
): z.core.CheckFn<Record<Name, number | string | null>> {
  return ({ value, issues }) => {
    const [from, to] = [value[first], value[second]];
    if (from === null || to === null || from < to) return;
    const fix = `Send ${second} later than ${first}.`;
    issues.push({ code: 'custom', input: value, path: [second], message: 'is not later', params: { fix } });
  };
}
