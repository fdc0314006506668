import { describe, expect, it } from 'vitest';
import { isOtherVisit, readAskedVisit } from './asked-visit.ts';

const colleagues = [
  { id: '1', name: 'Dr. Rohan Mehta', specialty: 'General physician', department: 'General Medicine' },
  { id: '2', name: 'Dr. Meera Mehta', specialty: 'Cardiologist', department: 'Cardiology' },
  { id: '3', name: 'Dr. Arjun Iyer', specialty: 'Cardiologist', department: 'Cardiology' },
];
const said = (name: string, normalised: string | null, confidence = 0.9) => ({
  name,
  normalised,
  confidence,
});
const [date, time] = [said('date', '2026-12-01'), said('time', '16:00')];

describe('what a call asked for', () => {
  it.each([
    ['by name', [date, time, said('practitioner', 'Dr. Rohan Mehta')], ['1']],
    ['by specialty', [date, time, said('specialty', 'cardiology')], ['2', '3']],
    [
      'the last that was said',
      [said('time', '10:00'), date, time, said('practitioner', 'Arjun Iyer')],
      ['3'],
    ],
  ])('is certain %s', (_, entities, practitionerIds) => {
    expect(readAskedVisit(entities, colleagues)).toEqual({
      date: '2026-12-01',
      minute: 960,
      practitionerIds,
    });
  });

  it.each([
    ['date_unclear', [time, said('practitioner', 'Arjun Iyer')]],
    ['date_unclear', [said('date', null), time, said('practitioner', 'Arjun Iyer')]],
    ['time_unclear', [date, said('time', '04:00', 0.6), said('practitioner', 'Arjun Iyer')]],
    ['practitioner_unclear', [date, time]],
    ['practitioner_unclear', [date, time, said('practitioner', 'Mehta')]],
    ['practitioner_unclear', [date, time, said('practitioner', 'Dr. Gupta')]],
  ])('is a question: %s', (unclear, entities) => {
    expect(readAskedVisit(entities, colleagues)).toBe(unclear);
  });
});

describe('the visit that a caller has', () => {
  // Monday, 30 November, 16:00 in the clinic.
  const visit = { practitionerId: '1', startsAt: Date.parse('2026-11-30T16:00:00+05:30') };
  const [own, friday, monday] = [
    said('date', '2026-11-30'),
    said('date', '2026-12-04'),
    said('date', '2026-12-07'),
  ];
  const [mehta, iyer] = [said('practitioner', 'Dr. Mehta'), said('practitioner', 'Dr. Arjun Iyer')];
  const isOther = (kind: 'reschedule' | 'cancel', entities: ReturnType<typeof said>[]) =>
    isOtherVisit(kind, entities, visit, colleagues, 'Asia/Kolkata');

  it.each([
    ['nothing is said of it', []],
    ['its day, hour and practitioner are said', [own, time, mehta]],
    ['its day is said after another', [friday, own]],
    ['its field is said', [said('specialty', 'general physician')]],
  ])('is cancelled where %s', (_, entities) => {
    expect(isOther('cancel', entities)).toBe(false);
  });

  it.each([
    ['another day', [friday]],
    ['a day that is none', [said('date', null)]],
    ['a day that is hardly understood', [said('date', '2026-12-04', 0.3)]],
    ['another hour', [own, said('time', '10:00')]],
    ['another practitioner', [own, iyer]],
    ['a practitioner nobody knows', [said('practitioner', 'Dr. Gupta')]],
    ['another field', [said('specialty', 'cardiology')]],
  ])('is not cancelled where %s is said', (_, entities) => {
    expect(isOther('cancel', entities)).toBe(true);
  });

  it.each([
    ['only the new time is said', [friday, said('time', '10:00')]],
    ['its day is said before the new one', [own, friday]],
    ['the practitioner is to be another', [mehta, iyer, friday]],
  ])('is moved where %s', (_, entities) => {
    expect(isOther('reschedule', entities)).toBe(false);
  });

  it.each([
    ['the day it is to be moved from is another', [friday, monday]],
    ['the one practitioner said is another', [iyer, friday]],
    ['the field is another', [said('specialty', 'cardiology'), friday]],
  ])('is not moved where %s', (_, entities) => {
    expect(isOther('reschedule', entities)).toBe(true);
  });
});
