import { describe, expect, it } from 'vitest';
import { createRecordReader } from './read-record.ts';

const records = createRecordReader();
const receivedAt = Date.parse('2026-11-20T06:00:00Z');
const around = new Map<string, unknown>();

function read(type: string, data: unknown, subject = 'X-1') {
  return records.read(type, subject, data, around, receivedAt);
}

function contentOf(type: string, data: unknown, subject?: string) {
  const result = read(type, data, subject);
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result.content;
}

function errorsOf(type: string, data: unknown) {
  const result = read(type, data);
  return result.ok ? [] : result.errors.map(({ location, message }) => `${location} ${message}`);
}

describe('what a clinic’s system says', () => {
  it('becomes ours: times in milliseconds, the rest as sent, what is left out null', () => {
    const { kind, appointment, patient } = contentOf('appointment.booked', {
      start: '2026-11-24T16:00:00+05:30',
      patient: { external_id: 'P-1', first_name: 'Asha' },
      practitioner: { name: 'Dr. Mehta' },
    });
    expect(kind).toBe('appointment');
    expect(patient).toBeNull();
    expect(appointment).toMatchObject({
      start: Date.parse('2026-11-24T10:30:00Z'),
      end: null,
      patient: { external_id: 'P-1', first_name: 'Asha', last_name: null, phones: null, merged_into: null },
      practitioner: { external_id: null, name: 'Dr. Mehta' },
      location: null,
    });
  });

  it('is warned of words that stand where numbers know codes, and kept as it is', () => {
    const warningsOf = (type: string, data: unknown) => {
      const result = read(type, data);
      return result.ok ? result.warnings.map(({ location }) => location) : result.errors;
    };
    const words = { journey_type: 'Knee Replacement Pathway', stage: 'After the operation' };
    expect(warningsOf('journey.started', words)).toEqual(['data.journey_type', 'data.stage']);
    expect(contentOf('journey.started', words).journey).toMatchObject(words);
    expect(
      warningsOf('journey.step_scheduled', {
        journey_type: 'knee_replacement',
        step: { external_id: 'S-1', step_type: 'First visit', stage: 'recovery' },
      }),
    ).toEqual(['data.step.step_type']);
    expect(warningsOf('journey.started', { journey_type: 'post-surgery:v2' })).toEqual([]);
  });

  it('tells what was emptied from what was not said, below the details', () => {
    const { cleared, appointment } = contentOf('appointment.confirmed', {
      notes: null,
      reason: '',
      practitioner: null,
      patient: { external_id: 'P-1', email: null, address: { city: null } },
    });
    expect(cleared).toEqual(['notes', 'reason', 'practitioner', 'patient.email']);
    expect(appointment).toMatchObject({ notes: null, reason: null, practitioner: null });
    expect(contentOf('journey.step_scheduled', { step: { external_id: 'S', due_at: null } }).cleared).toEqual(
      ['step.due_at'],
    );
  });

  it('keeps what nobody here knows, wherever it stands', () => {
    const { extra } = contentOf('appointment.booked', {
      start: '2026-11-24T16:00:00+05:30',
      room: '3',
      patient: { external_id: 'P-1', 'blood/group': 'B' },
      merged_into: 'no field of appointments',
    });
    expect(JSON.parse(extra ?? '')).toEqual({
      '/data/room': '3',
      '/data/patient/blood~1group': 'B',
      '/data/merged_into': 'no field of appointments',
    });
  });

  it('takes hours that go on past midnight', () => {
    const rules = [{ weekday: 5, start: '20:00', end: '02:00' }];
    expect(
      contentOf('schedule.upserted', { practitioner: { name: 'D' }, rules }).schedule?.rules,
    ).toMatchObject(rules);
  });

  it('gives a patient their subject as id', () => {
    expect(contentOf('patient.updated', undefined, 'P-9').patient?.external_id).toBe('P-9');
    expect(errorsOf('patient.updated', { external_id: 'P-8' })).toEqual([
      'data.external_id is not the subject',
    ]);
    expect(errorsOf('patient.merged', { merged_into: 'X-1' })).toEqual([
      'data.merged_into is the subject itself',
    ]);
  });

  it('writes an address as JSON, or as the text it is', () => {
    expect(contentOf('patient.updated', { address: { city: 'Pune' } }).patient?.address).toBe(
      '{"city":"Pune"}',
    );
    expect(contentOf('patient.updated', { address: '12 Hill Road' }).patient?.address).toBe('12 Hill Road');
  });

  it.each([
    ['appointment.booked', {}, 'data.start is missing'],
    ['appointment.booked', { start: null }, 'data.start is missing'],
    ['appointment.rescheduled', { end: '2026-11-24T16:00:00Z' }, 'data.start is missing'],
    ['patient.merged', {}, 'data.merged_into is missing'],
    ['journey.started', {}, 'data.journey_type is missing'],
    ['journey.step_completed', {}, 'data.step is missing'],
    ['journey.step_completed', { step: {} }, 'data.step.external_id is missing'],
    ['message.sent', {}, 'data.channel is missing'],
    ['schedule.upserted', { rules: [] }, 'data.practitioner is missing'],
    ['appointment.confirmed', [], 'data is not an object'],
    ['appointment.confirmed', 'text', 'data is not an object'],
    ['appointment.confirmed', { start: 'tomorrow' }, 'data.start is not a time'],
    ['appointment.confirmed', { start: '2026-11-24 16:00' }, 'data.start is not a time'],
    ['appointment.confirmed', { start: '2026-02-30T10:00:00Z' }, 'data.start is not a time'],
    ['appointment.confirmed', { start: '2126-11-24T16:00:00Z' }, 'data.start is not a plausible time'],
    ['appointment.confirmed', { start: '0026-11-24T16:00:00Z' }, 'data.start is not a plausible time'],
    [
      'appointment.confirmed',
      { booked_at: '2026-12-24T16:00:00Z' },
      'data.booked_at is not a plausible time',
    ],
    [
      'appointment.confirmed',
      { start: '2026-11-24T16:00:00Z', end: '2026-11-24T16:00:00Z' },
      'data.end is not later',
    ],
    [
      'appointment.confirmed',
      { start: '2026-11-24T16:00:00Z', end: '2026-11-25T16:00:01Z' },
      'data.end is too late',
    ],
    ['appointment.confirmed', { fee_minor: 800.5 }, 'data.fee_minor is not an int'],
    ['appointment.confirmed', { fee_minor: '800' }, 'data.fee_minor is not a number'],
    ['appointment.confirmed', { fee_currency: 'rupees' }, 'data.fee_currency is not a currency'],
    ['appointment.confirmed', { channel: 'fax' }, 'data.channel is not one of the values allowed'],
    ['appointment.confirmed', { appointment_id: 'A-1' }, 'data.appointment_id is not a UUID'],
    ['patient.created', { date_of_birth: '1988-02-30' }, 'data.date_of_birth is not a date of birth'],
    ['patient.created', { date_of_birth: '2026-11-25' }, 'data.date_of_birth is not a date of birth'],
    ['patient.created', { date_of_birth: '12/04/1988' }, 'data.date_of_birth is not a date of birth'],
    ['patient.created', { phones: '+919812345678' }, 'data.phones is not an array'],
    ['patient.created', { phones: [9812345678] }, 'data.phones[0] is not a string'],
    ['patient.created', { active: 'yes' }, 'data.active is not a boolean'],
    ['patient.created', { identifiers: [{ system: 'mrn' }] }, 'data.identifiers[0].value is missing'],
    ['patient.created', { first_name: 'x'.repeat(201) }, 'data.first_name is too big'],
    ['location.upserted', { time_zone: 'Mumbai' }, 'data.time_zone is not a time zone'],
    ['location.upserted', { time_zone: '+05:30' }, 'data.time_zone is not a time zone'],
    [
      'schedule.upserted',
      { practitioner: { name: 'D' }, rules: [{ weekday: 0, start: '9:00', end: '24:00' }] },
      'data.rules[0].weekday is too small, data.rules[0].start is not a time of day',
    ],
    [
      'schedule.upserted',
      { practitioner: { name: 'D' }, rules: [{ weekday: 1, start: '09:00', end: '09:00' }] },
      'data.rules[0].end is the start',
    ],
    [
      'schedule.upserted',
      { practitioner: { name: 'D' }, rules: [{ weekday: 1, start: '24:00', end: '02:00' }] },
      'data.rules[0].start is the end of a day',
    ],
    [
      'schedule.upserted',
      {
        practitioner: { name: 'D' },
        exceptions: [{ date: '2026-12-01', available: true, start: '20:00', end: '02:00' }],
      },
      'data.exceptions[0].end is not later',
    ],
  ])('%s %j: %s', (type, data, expected) => {
    expect(errorsOf(type, data).join(', ')).toBe(expected);
  });

  it('never repeats a value in an error', () => {
    const planted = 'SECRET-7712';
    const data = Object.fromEntries(
      ['first_name', 'date_of_birth', 'sex', 'phones', 'email', 'language', 'active', 'deceased'].map(
        (name) => [name, name === 'first_name' || name === 'email' ? planted.repeat(100) : planted],
      ),
    );
    const result = read('patient.created', data);
    expect(result.ok).toBe(false);
    expect(JSON.stringify(result)).not.toContain(planted);
  });
});
