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
});
