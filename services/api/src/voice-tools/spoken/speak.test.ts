import { describe, expect, it } from 'vitest';
import { linesOf, momentAt } from './speak.ts';

const zone = 'Asia/Kolkata';
const now = Date.parse('2026-11-30T08:00:00+05:30');
const slot = (start: string, practitioner = 'Dr. Rohan Mehta', location: string | null = null) => ({
  at: momentAt(Date.parse(`${start}:00+05:30`), zone, now),
  practitioner,
  location,
});
const [nine, late, friday] = [slot('2026-12-01T09:00'), slot('2026-12-01T09:20'), slot('2026-12-04T16:05')];
const inBandra = slot('2026-12-01T09:00', 'Dr. Rohan Mehta', 'Bandra');
const nair = slot('2026-12-01T12:00', 'Dr. Priya Nair');

describe('times to choose from', () => {
  const english = linesOf('en-IN');
  it.each([
    [[nine], 'I have tomorrow at nine in the morning with Dr. Rohan Mehta. Does that suit you?'],
    [
      [nine, late, friday],
      'I have tomorrow at nine in the morning, nine twenty in the morning, or on Friday the fourth of December at four oh five in the afternoon with Dr. Rohan Mehta. Which one suits you?',
    ],
    [
      [inBandra, { ...late, location: 'Bandra' }],
      'I have tomorrow at nine in the morning or nine twenty in the morning with Dr. Rohan Mehta at Bandra. Which one suits you?',
    ],
    [
      [inBandra, { ...late, location: 'Andheri' }],
      'I have tomorrow at nine in the morning with Dr. Rohan Mehta at Bandra or nine twenty in the morning with Dr. Rohan Mehta at Andheri. Which one suits you?',
    ],
    [
      [nine, nair],
      'I have tomorrow at nine in the morning with Dr. Rohan Mehta or noon with Dr. Priya Nair. Which one suits you?',
    ],
  ])('are said without saying twice what they have in common', (options, said) => {
    expect(english.slots(options)).toBe(said);
  });

  it('are offered in place of one that is taken', () => {
    expect(english.taken([nine])).toBe(
      'I am sorry, that time has just been taken. I have tomorrow at nine in the morning with Dr. Rohan Mehta. Would that do?',
    );
    expect(english.tooSoon([])).toBe('That is too soon to book by phone. Would another day do?');
  });

  it('are said in Hindi', () => {
    const hindi = linesOf('hi');
    expect(hindi.slots([nine])).toBe(
      'यह समय खाली है: आने वाले कल सुबह नौ बजे Dr. Rohan Mehta के साथ। क्या यह ठीक रहेगा?',
    );
    expect(hindi.slot(inBandra)).toBe('आने वाले कल सुबह नौ बजे Bandra में Dr. Rohan Mehta के साथ');
    expect(hindi.slots([nine, late])).toContain(
      'आने वाले कल सुबह नौ बजे या सुबह नौ बजकर बीस मिनट पर Dr. Rohan Mehta के साथ',
    );
  });
});

it.each([
  ['13:30', 'दोपहर डेढ़ बजे'],
  ['14:30', 'दोपहर ढाई बजे'],
  ['16:30', 'शाम साढ़े चार बजे'],
  ['09:15', 'सुबह सवा नौ बजे'],
  ['12:45', 'दोपहर पौने एक बजे'],
  ['10:45', 'सुबह पौने ग्यारह बजे'],
])('%s is said in Hindi as people say it', (time, said) => {
  const { at } = slot(`2026-11-30T${time}`);
  expect(linesOf('hi').moment(at)).toBe(`आज ${said}`);
});
