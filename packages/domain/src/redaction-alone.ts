import { allMatches } from './extraction/patterns.ts';
import { functionWords } from './extraction/words.ts';
import type { AnswerSpan } from './redaction-answers.ts';
import { numberWord, refuses, timeOfDay } from './redaction-answers.ts';
import { isOrdinaryWord, isPlaceWord } from './redaction-words.ts';

interface Word {
  start: number;
  end: number;
  text: string;
}

/** Longest line of which each word that may be a name is hidden, and the longest piece that is nothing but a name, in words. */
const mostOfLine = 6;
const mostOfPiece = 4;
/** Longest line that is hidden as an address, in words. */
const mostOfAddress = 24;

const anyLine = /[^\n]+/g;
const anyPiece = /[^,;.|]+/g;
const anyWord = /[\p{L}\p{N}][\p{L}\p{M}\p{N}'’@.+-]{0,60}/gu;
const clock = /\d{1,2}[:.]\d{2}(?!\d)|\d[/-]\d/;

/**
 * What a message holds that stands alone: nobody knows whether the clinic asked for a name, an address or a number before.
 * Read line by line, as a short answer to any of that. Linear in the text.
 */
export function readAlone(text: string): AnswerSpan[] {
  return allMatches(text, anyLine).flatMap(({ 0: line, index }) => {
    if (line.length > 400) return [];
    return readLine(line).map((span) => ({ ...span, start: span.start + index, end: span.end + index }));
  });
}

function readLine(line: string): AnswerSpan[] {
  const words = wordsOf(line);
  if (isAddress(words) && !line.includes('?')) return wholeOf(words, 'address');
  if (isNumber(words, line)) return wholeOf(words, 'id_number');
  if (words.length <= mostOfLine) return refuses.test(line) ? [] : namesOf(words);
  return allMatches(line, anyPiece).flatMap(({ 0: piece, index }) => {
    const said = wordsOf(piece, index);
    const isName =
      said.length <= mostOfPiece && !said.some(({ text }) => /^\D+$/.test(text) && isOrdinaryWord(text));
    return isName ? namesOf(said) : [];
  });
}

/** The words that may be a name, and capitalised ones beside them that else are words: "Happy Singh". */
function namesOf(words: readonly Word[]): AnswerSpan[] {
  const may = words.map(({ text }) => !isOrdinaryWord(text));
  return words
    .filter((word, at) => may[at] || ((may[at - 1] || may[at + 1]) && isCapitalised(word)))
    .map(({ start, end }) => ({ start, end, kind: 'name' }));
}

function isCapitalised({ text }: Word): boolean {
  return /^\p{Lu}/u.test(text) && !functionWords.has(text.toLowerCase().replace(/[.'’]/g, ''));
}

/** A word of addresses, and two that are no others. */
function isAddress(words: readonly Word[]): boolean {
  return (
    words.length <= mostOfAddress &&
    words.some(({ text }) => isPlaceWord(text)) &&
    words.filter(({ text }) => !isPlaceWord(text) && !isOrdinaryWord(text)).length >= 2
  );
}

/** Nothing but a number of three digits or more that is no time and no date. */
function isNumber(words: readonly Word[], line: string): boolean {
  const digits = words.reduce((sum, { text }) => sum + (/\p{Nd}/u.test(text) ? text.length : 1), 0);
  const isDigits = ({ text }: Word) => /^[\p{Nd}.+-]+$/u.test(text) || numberWord.has(text.toLowerCase());
  return digits >= 3 && words.every(isDigits) && !timeOfDay.test(line) && !clock.test(line);
}

function wholeOf(words: readonly Word[], kind: AnswerSpan['kind']): AnswerSpan[] {
  const [first, last] = [words.at(0), words.at(-1)];
  return first && last ? [{ start: first.start, end: last.end, kind }] : [];
}

function wordsOf(text: string, at = 0): Word[] {
  return allMatches(text, anyWord).map(({ 0: word, index }) => {
    const bare = word.replace(/['’@.+-]+$/, '');
    return { start: at + index, end: at + index + bare.length, text: bare };
  });
}
