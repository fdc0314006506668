import { describe, expect, it } from 'vitest';
import { extractCall } from '../extraction.ts';

const mebibyte = 1024 * 1024;

/** Texts that begin like something to be found and never become it: what makes a careless pattern take for ever. */
const seeds = [
  'a',
  'A ',
  '1-',
  '1 ',
  'a.',
  'a@',
  'mr ',
  'Dr. A. ',
  'nine eight ',
  'my name is ',
  '1 a a a ',
  '12/12/',
  'half past ',
  '\n',
  '😀',
];

function analyse(texts: readonly string[]) {
  const turns = texts.map((text, index) => ({ index, speaker: index % 2 ? 'agent' : 'caller', text }));
  return extractCall({ turns, language: 'en-IN', startedAt: 0, timeZone: 'Asia/Kolkata', region: 'IN' });
}

// The time-outs are no measurement: a pattern that is not linear would take hours for these.
describe('a hostile transcript is read in a time in proportion to its length', () => {
  it.each(seeds)('of nothing but %j', { timeout: 120_000 }, (seed) => {
    const text = seed.repeat(mebibyte / 4 / seed.length);
    expect(analyse([text, text]).redactions.length).toBeLessThanOrEqual(400);
  });

  it('of 4.9 MiB in one turn, and in short ones', { timeout: 120_000 }, () => {
    const sentence = 'my name is Priya and my number is 98123 45678, call me at four ';
    const text = sentence.repeat((4.9 * mebibyte) / sentence.length);
    expect(analyse([text]).redactions).toMatchObject([{ turn: 0, start: 0, end: text.length }]);
    const short = Array.from({ length: text.length / 60 }, () => sentence.slice(0, 60));
    const { entities, redactions } = analyse(short);
    expect(entities.length).toBeLessThan(200);
    expect(redactions.length).toBeLessThan(short.length * 3);
  });
});
