import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findRedactions, redactText } from './redaction.ts';

function redacted(...texts: string[]): string[] {
  const turns = texts.map((text, index) => ({ index, speaker: index % 2 === 0 ? 'caller' : 'agent', text }));
  const spans = findRedactions(turns);
  return texts.map((text, index) =>
    redactText(
      text,
      spans.filter(({ turn }) => turn === index),
    ),
  );
}

describe('redaction', () => {
  it.each([
    ['my name is Priya Sharma', 'my name is [name]'],
    ['call me on 98123 45678 please', 'call me on [phone] please'],
    ['it is nine eight one two three four five six seven eight', 'it is [phone]'],
    ['write to priya.s@example.co.in', 'write to [email]'],
    ['priya at gmail dot com', '[email]'],
    ['my date of birth is 12 April 1990', 'my date of birth is [date_of_birth]'],
    ['born on 12/04/1990', 'born on [date_of_birth]'],
    ['I live at 12 Hill Road', 'I live at [address]'],
    ['my pan is ABCDE1234F', 'my pan is [id_number]'],
    ['aadhaar 1234 5678 9012', '[id_number]'],
    ['is Mr. Kapoor in', 'is Mr. [name] in'],
    ['an appointment tomorrow at 4 pm', 'an appointment tomorrow at 4 pm'],
    ['on 3rd December 2026', 'on 3rd December 2026'],
  ])('%s', (text, expected) => {
    expect(redacted(text)[0]).toBe(expected);
  });

  it('hides a name in every turn once it was given', () => {
    expect(redacted('this is Meera Joshi', 'Thank you Meera, Mrs. Joshi it is', 'yes meera')).toEqual([
      'this is [name]',
      'Thank you [name], Mrs. [name] it is',
      'yes [name]',
    ]);
  });

  it('hides an answer to the question for a birth date', () => {
    expect(redacted('', 'Your date of birth?', 'the 3rd of May')[2]).toBe('[date_of_birth]');
  });

  it.each([
    ['my number is ninety eight twelve thirty four fifty six seventy eight', 'my number is [phone]'],
    ['it is 98123, 45678', 'it is [phone]'],
    ['98123/45678', '[phone]'],
    ['number9812345678', 'number[phone]'],
    ['nine eight one two - uh - three four five six seven eight', '[phone]'],
    ['मेरा नाम प्रिया शर्मा है, नंबर ९८१२३४५६७८', '[not redacted yet]'],
    ['my number is ९८१२३४५६७८', 'my number is [phone]'],
    [
      'my name is प्रिया and I want to come tomorrow morning',
      'my name is [name] and I want to come tomorrow morning',
    ],
    ['my name is will turner', 'my name is [name]'],
    ['My name is Happy Singh', 'My name is [name]'],
    ['this is April Patel', 'this is April Patel'],
    ['My name is April Patel', 'My name is [name]'],
    ['i want to book for my daughter anaya', 'i want to book for my daughter [name]'],
    ['book it for Meera Joshi', 'book it for [name]'],
    ['my wife is Meera Joshi', 'my wife is [name]'],
    ["I'm Meera Joshi's husband Rahul", "I'm [name]'s husband [name]"],
    ['I was born in nineteen eighty', 'I was born in [date_of_birth]'],
    ['date of birth 15 8 80', 'date of birth [date_of_birth]'],
    ['born on fifteenth august nineteen eighty', 'born on [date_of_birth]'],
    ['my name is spelled p r i y a', 'my name is spelled [name]'],
    ['p r i y a at gmail dot com', '[email]'],
    ['can I park my car here', 'can I park my car here'],
    ['hi this is zoya rathod are my results ready', 'hi this is [name] are my results ready'],
    ['this is extremely urgent and I need help', 'this is extremely urgent and I need help'],
    [
      'between ten thirty and eleven thirty on 3/12/2026',
      'between ten thirty and eleven thirty on 3/12/2026',
    ],
  ])('%s', (text, expected) => {
    expect(redacted(text)[0]).toBe(expected);
  });

  it.each([
    ['May I have your name please?', 'priya sharma', '[name]'],
    ['May I have your name please?', 'why do you need that', 'why do you need that'],
    ['And your phone number?', 'double nine eight twelve thirty four fifty', '[phone]'],
    ['What number can we reach you on?', 'on Monday at 4 pm', 'on Monday at 4 pm'],
    ['Your date of birth?', 'nineteen eighty', '[date_of_birth]'],
    ['What is your address?', 'twelve hill road bandra', '[address]'],
    ['Which day would you like?', 'the 3rd of May', 'the 3rd of May'],
    [
      'Their address is 3 Hill Road and the phone number is on our site.',
      'that works for me',
      'that works for me',
    ],
  ])('%s %s', (question, answer, expected) => {
    expect(redacted('', question, answer)[2]).toBe(expected);
  });

  it('hides a name that only the agent says', () => {
    expect(
      redacted('', 'Hello, am I speaking with Anita Desai?', 'yes', 'Anita, your reports are ready.'),
    ).toEqual(['', 'Hello, am I speaking with [name]?', 'yes', '[name], your reports are ready.']);
    expect(redacted('hi', 'Good day, Lotus Clinic speaking.')[1]).toBe('Good day, Lotus Clinic speaking.');
    expect(redacted('hi', 'Thank you Meera, it is booked.')[1]).toBe('Thank you [name], it is booked.');
    expect(redacted('hi', 'Great, Tuesday it is. May I have a moment?')[1]).toBe(
      'Great, Tuesday it is. May I have a moment?',
    );
  });

  it('hides a birth date where the agent repeats it', () => {
    const said = redacted('', 'Your date of birth?', '12 March 2025', 'So that is 12 March 2025, correct?');
    expect(said.slice(2)).toEqual(['[date_of_birth]', 'So that is [date_of_birth], correct?']);
  });

  it('hides a birth date that comes a turn later than it was asked for', () => {
    const said = redacted(
      '',
      'Your date of birth?',
      'Sure. One moment.',
      'Sure',
      'it is 3rd of may nineteen ninety two',
    );
    expect(said[2]).toBe('Sure. One moment.');
    expect(said[4]).toBe('it is [date_of_birth]');
  });

  it('hides a number that is told in pieces', () => {
    expect(redacted('it starts with 98123', 'and then?', '45678')).toEqual([
      'it starts with [phone]',
      'and then?',
      '[phone]',
    ]);
  });

  it('hides a name that is a word, and leaves the word', () => {
    const said = redacted('My name is Will Turner', 'Sure Will, one moment.', 'I will come. Will you call?');
    expect(said).toEqual(['My name is [name]', 'Sure [name], one moment.', 'I will come. Will you call?']);
  });

  it('hides a whole turn that is full of them', () => {
    const many = Array.from({ length: 1000 }, (_, at) => `98123${10_000 + at} and`).join(' ');
    expect(findRedactions([{ index: 0, speaker: 'caller', text: many }])).toEqual([
      { turn: 0, start: 0, end: many.length, kind: 'phone' },
    ]);
  });

  it('replaces spans in any order, overlapping ones once', () => {
    const spans = [
      { start: 6, end: 9, kind: 'phone' },
      { start: 0, end: 4, kind: 'name' },
      { start: 2, end: 5, kind: 'name' },
    ];
    expect(redactText('abcde fghi', spans)).toBe('[name] [phone]i');
  });

  it('spans are ordered, apart and inside the text, whatever is said', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc
        .array(
          fc.constantFrom(
            'my name is',
            'Priya',
            '9812345678',
            'a@b.co',
            '12/04/1990',
            'flat',
            '12',
            'Hill Road',
            'ß',
            '😀',
          ),
        )
        .map((words) => words.join(' ')),
    );
    fc.assert(
      fc.property(fc.array(text, { maxLength: 4 }), (texts) => {
        const turns = texts.map((one, index) => ({ index, speaker: 'caller', text: one }));
        const ends = new Map<number, number>();
        for (const { turn, start, end } of findRedactions(turns)) {
          expect(start).toBeGreaterThanOrEqual(ends.get(turn) ?? 0);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(texts[turn]?.length ?? 0);
          ends.set(turn, end);
        }
        expect(texts.join('')).toBe(turns.map((one) => one.text).join(''));
      }),
    );
  });
});
