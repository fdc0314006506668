import { describe, expect, it } from 'vitest';
import { deadLetterReasons } from '../dead-letter-reasons.ts';
import { checkRecordEvent } from './check-event.ts';
import { type RecordParts, recordEvent, somebody } from './testing/record-factories.ts';

const at = Date.parse('2026-11-20T05:00:00Z');
const hour = 3_600_000;
const check = (type: string, parts: RecordParts = {}) =>
  checkRecordEvent(recordEvent(type, 'R-1', { occurred_at: at, ...parts }));

describe('an event of the clinic’s system', () => {
  it.each<[string, RecordParts]>([
    ['patient.created', { patient: { date_of_birth: '2024-02-29', phones: ['no number'] } }],
    ['patient.merged', { patient: { merged_into: 'R-2' } }],
    [
      'appointment.booked',
      { appointment: { start: at, end: at + 24 * hour, fee_minor: 0, fee_currency: 'INR' } },
    ],
    ['appointment.cancelled', { occurred_at: null }],
    ['journey.step_completed', { step: { due_at: at } }],
    ['message.sent', { message: { direction: 'inbound', channel: 'email' } }],
    [
      'schedule.upserted',
      { schedule: { rules: [rule('09:00', '24:00')], valid_from: '2026-01-01', valid_to: '2026-01-01' } },
    ],
    ['schedule.upserted', { schedule: { rules: [rule('20:00', '02:00'), rule('18:00', '00:00')] } }],
    [
      'schedule.upserted',
      { schedule: { rules: [rule('09:00', '17:00', 1), rule('09:00', '17:00', 1_440)] } },
    ],
    ['location.upserted', { location: { time_zone: 'Asia/Kolkata' } }],
  ])('of type %s is taken', (type, parts) => {
    expect(check(type, parts)).toBeNull();
  });

  it.each<[string, string, RecordParts, string | null]>([
    ['unknown_event_type', 'appointment.exploded', {}, null],
    ['unknown_event_type', 'appointment.booked', { kind: 'patient' }, null],
    ['invalid_value', 'patient.created', { external_id: '' }, 'external_id'],
    [
      'implausible_time',
      'patient.created',
      { occurred_at: Date.UTC(1989, 0, 1), received_at: at },
      'event.occurred_at',
    ],
    [
      'implausible_time',
      'appointment.booked',
      { appointment: { start: at + 11 * 366 * 24 * hour } },
      'appointment.start',
    ],
    [
      'implausible_time',
      'appointment.booked',
      { appointment: { start: at, end: at + 25 * hour } },
      'appointment.end',
    ],
    ['implausible_time', 'journey.step_scheduled', { step: { due_at: 1 } }, 'step.due_at'],
    ['implausible_time', 'message.sent', { message: { sent_at: 1 } }, 'message.sent_at'],
    ['ends_before_start', 'appointment.booked', { appointment: { start: at, end: at } }, null],
    ['refers_to_itself', 'patient.merged', { patient: { merged_into: 'R-1' } }, 'merged_into'],
    ['invalid_value', 'patient.merged', { patient: {} }, 'patient.merged_into'],
    [
      'invalid_value',
      'patient.created',
      { patient: { date_of_birth: '2023-02-29' } },
      'patient.date_of_birth',
    ],
    [
      'invalid_value',
      'journey.started',
      { journey: { patient: somebody({ date_of_birth: '2999-01-01' }) } },
      'patient.date_of_birth',
    ],
    [
      'invalid_value',
      'appointment.booked',
      { appointment: { appointment_id: 'A' } },
      'appointment.appointment_id',
    ],
    ['invalid_value', 'appointment.booked', { appointment: { fee_minor: -1 } }, 'appointment.fee_minor'],
    [
      'invalid_value',
      'appointment.booked',
      { appointment: { fee_currency: 'rupees' } },
      'appointment.fee_currency',
    ],
    ['invalid_value', 'message.sent', { message: { direction: 'sideways' } }, 'message.direction'],
    ['invalid_value', 'message.sent', { message: { channel: 'pigeon' } }, 'message.channel'],
    ['invalid_value', 'location.upserted', { location: { time_zone: 'Mars/Base' } }, 'location.time_zone'],
    [
      'invalid_value',
      'schedule.upserted',
      { schedule: { rules: [rule('09:00', '09:00')] } },
      'schedule.rules',
    ],
    [
      'invalid_value',
      'schedule.upserted',
      { schedule: { rules: [rule('24:00', '02:00')] } },
      'schedule.rules',
    ],
    ...[-1, 0, 1_441].map((slot): [string, string, RecordParts, string] => [
      'invalid_value',
      'schedule.upserted',
      { schedule: { rules: [rule('09:00', '17:00', slot)] } },
      'schedule.rules',
    ]),
    [
      'invalid_value',
      'schedule.upserted',
      {
        schedule: { exceptions: [{ date: '2026-12-01', available: true, start: '20:00', end: '02:00' }] },
      },
      'schedule.exceptions',
    ],
    [
      'invalid_value',
      'schedule.upserted',
      { schedule: { valid_from: '2026-02-01', valid_to: '2026-01-01' } },
      'schedule.valid_to',
    ],
    [
      'invalid_value',
      'schedule.upserted',
      { schedule: { exceptions: [{ date: 'today', available: false, start: null, end: null }] } },
      'schedule.exceptions',
    ],
  ])('that is wrong is refused: %s %s', (reason, type, parts, detail) => {
    expect(check(type, parts)).toEqual({ reason, detail });
    expect(Object.keys(deadLetterReasons)).toContain(reason);
  });
});

function rule(start: string, end: string, slot_minutes: number | null = null) {
  return { weekday: 1, start, end, slot_minutes, appointment_types: [] };
}
