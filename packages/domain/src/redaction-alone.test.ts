import { describe, expect, it } from 'vitest';
import { extractCall } from './extraction.ts';
import { redactText } from './redaction.ts';

const written = (text: string, speaker = 'caller', alone = true) =>
  extractCall({
    turns: [{ index: 0, speaker, text }],
    language: 'en-IN',
    startedAt: Date.parse('2026-11-20T05:00:00Z'),
    timeZone: 'Asia/Kolkata',
    region: 'IN',
    alone,
  });
const shown = (text: string, speaker?: string) => redactText(text, written(text, speaker).redactions);

describe('a message that answers what nobody knows', () => {
  it.each([
    ['Meera Nair', '[name]'],
    ['meera nair', '[name]'],
    ['Meera', '[name]'],
    ['Happy Singh', '[name]'],
    ['May Joshi', '[name]'],
    ['R. Iyer', '[name]. [name]'],
    ['Zoë D’Souza', '[name]'],
    ['yes, Meera', 'yes, [name]'],
    ['Hello Priya here', 'Hello [name] here'],
    ['Dr Mehta please', 'Dr [name] please'],
    ['mera beta aarav', 'mera beta [name]'],
    ['Riya Kapoor 34 F', '[name] 34 [name]'],
    ['Aarav, 6 years', '[name], 6 years'],
    ['Meera Nair\n34 years\nFemale\nBaner, Pune', '[name]\n34 years\nFemale\n[name], [name]'],
    [
      'Please book an appointment for tomorrow at 5 pm, Meera Nair, 34',
      'Please book an appointment for tomorrow at 5 pm, [name], 34',
    ],
    ['Rose Villa, Baner, near Balewadi High Street', '[address]'],
    ['B-204 Sunshine Heights Wakad Pune', '[address]'],
    ['12 March 2025', '[date_of_birth]'],
    ['12/03/25', '[date_of_birth]'],
    ['2026-02-11', '[date_of_birth]'],
    ['Aarav 12 March 2025', '[name] [date_of_birth]'],
    ['4521', '[id_number]'],
    ['nine eight one two', '[id_number]'],
    ['Ａ', '[name]'],
  ])('%j', (text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  it.each([
    ...[
      'ok thanks',
      'tomorrow at four',
      'yes please',
      'hello',
      'Book appointment',
      'Book Appointment',
      'Yes Please',
      'OK',
    ],
    ...[
      'Thank you so much',
      'Thanks a lot doctor',
      'Good morning',
      'Good Evening Sir',
      'see you tomorrow',
      'not possible today',
    ],
    ...[
      '3',
      '10:30',
      '10.30',
      '4 pm',
      '10 30 am',
      'four thirty',
      'on 3rd December 2026',
      '05/12/2026',
      'next Monday morning',
    ],
    ...[
      'any slot on Friday?',
      'is the doctor available today',
      'I have fever and cough',
      'reports are ready',
      'Reschedule',
    ],
    ...[
      'Cancel my appointment',
      'running late by 10 minutes',
      'what are your timings?',
      'how much is the consultation fee',
    ],
    ...[
      'please call me back',
      'I will come by evening',
      'stomach pain since two days',
      'payment done',
      'Sent the prescription',
    ],
    ...[
      'my tooth is hurting',
      'Where is the clinic?',
      'can I come now',
      'two',
      'STOP',
      'Talk to a human',
      'No, not now',
      'Rs 500 paid',
    ],
    'Hello, I want to book an appointment for tomorrow evening, please confirm the time.',
    'Thank you. See you tomorrow. I will bring the reports.',
    'I have had fever, cough and headache since yesterday, can I come today, please',
  ])('stays readable: %j', (text) => {
    expect(shown(text)).toBe(text);
  });

  it.each([
    ...[
      'haan ji',
      'theek hai',
      'thik hai',
      'kal subah',
      'kal shaam ko',
      'nahi chahiye',
      'shukriya',
      'dhanyavaad doctor',
    ],
    ...[
      'mujhe appointment chahiye',
      'Namaste',
      'doctor se milna hai',
      'kal aa sakte hain',
      'abhi nahi',
      'parso dopahar',
    ],
    ...[
      'bukhar hai do din se',
      'pet mein dard hai',
      'kitne baje aana hai',
      'report kab milegi',
      'acha theek hai ji',
    ],
    ...['somvar ko', 'paanch baje', 'aaj nahi aa sakta', 'clinic kahan hai', 'appointment cancel karna hai'],
  ])('stays readable: %j', (text) => {
    expect(shown(text)).toBe(text);
  });

  it('changes nothing of what is extracted, nor of what the clinic writes', () => {
    for (const text of ['Meera Nair', 'book for tomorrow at 4 pm', 'cancel please', '12 March 2025']) {
      const { redactions: _, ...alone } = written(text);
      const { redactions: __, ...spoken } = written(text, 'caller', false);
      expect(alone).toEqual(spoken);
    }
    expect(shown('Baner clinic opens at nine', 'agent')).toBe('Baner clinic opens at nine');
  });

  // The time-out is no measurement: a pattern that is not linear would take hours for these.
  it.each(['a', 'a@', 'Meera Nair\n', 'near A ', '1 ', ', '])(
    'is read in proportion to its length, of nothing but %j',
    { timeout: 60_000 },
    (seed) => {
      expect(written(seed.repeat(200_000 / seed.length)).redactions.length).toBeLessThanOrEqual(200);
    },
  );
});
