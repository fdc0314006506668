import { describe, expect, it } from 'vitest';
import { readAskedVisit } from './asked-visit.ts';

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
