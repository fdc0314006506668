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
