import { expect, it } from 'vitest';
import { extractCall } from '../extraction.ts';

const mebibyte = 1024 * 1024;

function analyse(texts: readonly string[]) {
  const turns = texts.map((text, index) => ({ index, speaker: index % 2 ? 'agent' : 'caller', text }));
  return extractCall({ turns, language: 'en-IN', startedAt: 0, timeZone: 'Asia/Kolkata', region: 'IN' });
}

// The time-out is no measurement: what is not linear would take hours.
it('a transcript of 4.9 MiB is read in a time in proportion to its length, in one turn and in short ones', {
  timeout: 120_000,
}, () => {
  const sentence = 'my name is Priya and my number is 98123 45678, call me at four ';
  const text = sentence.repeat((4.9 * mebibyte) / sentence.length);
  expect(analyse([text]).redactions).toMatchObject([{ turn: 0, start: 0, end: text.length }]);
  const short = Array.from({ length: text.length / 60 }, () => sentence.slice(0, 60));
  const { entities, redactions } = analyse(short);
  expect(entities.length).toBeLessThan(200);
  expect(redactions.length).toBeLessThan(short.length * 3);
});
