import { sentences } from './extraction/booking-status.ts';
import { aboutBirth } from './extraction/find-births.ts';
import { asksName } from './extraction/find-names.ts';
import { findDigitPieces } from './extraction/find-numbers.ts';
import { digitWords, teenWords, tensWords } from './extraction/number-words.ts';
import { allMatches } from './extraction/patterns.ts';
import type { SpokenTurn } from './extraction/types.ts';
import { notNames } from './extraction/words.ts';

/** What an agent asks for that identifies a patient. */
export type Asked = 'name' | 'phone' | 'date_of_birth' | 'address' | 'email' | 'id_number';

export interface AnswerSpan {
  start: number;
  end: number;
  kind: Asked;
}

const questions: readonly (readonly [Asked, RegExp])[] = [
  ['date_of_birth', aboutBirth],
  ['email', /\be-?mail\b/i],
  [
    'address',
    /\b(?:address|where (?:do|are) you (?:live|stay|staying)|pin ?code|postal code|zip)\b|\bpata\b/i,
  ],
  [
    'id_number',
    /\b(?:aadha?ar|uhid|mrn|pan (?:card|number)|policy|member(?:ship)?|patient id|insurance (?:id|number)|passport)\b/i,
  ],
  [
    'phone',
    /\b(?:phone|mobile|contact|whatsapp|call ?back|telephone|cell)\b|\b(?:your|which|what) number\b|\bnumber\b[^.!]{0,40}\?|\breach you\b/i,
  ],
];

const asks =
  /\?|\b(?:your|may i|could you|can you|please|tell me|give me|share|provide|confirm|what|which|bataiye|bataye|boliye)\b/i;

/** Longest answer that is hidden whole, in words. */
const longest: Readonly<Record<Asked, number>> = {
  name: 6,
  phone: 24,
  date_of_birth: 12,
  address: 24,
  email: 16,
  id_number: 20,
};

/** How many turns of a caller an unanswered question reaches. */
const reach = 2;

const lead =
  /^\W{0,4}(?:(?:yes|yeah|yep|sure|ok|okay|oh|hi|hello|well|um|uh|so|of course|certainly|haan|ji|no|one moment|just a (?:moment|second|minute)|let me see|please|it|this|that|is|it'?s|that'?s|i am|i'?m|my|mera|meri|name|naam|number|phone|mobile|date|of|birth|dob|address|email|was|born|on|in|the|live|stay|at|i|hai)\b[ ,.!:]{0,3})*/i;
const anyWord = /[\p{L}\p{N}][\p{L}\p{M}\p{N}'’@.+-]{0,60}/gu;
export const numberWord = new Set([
  ...Object.keys(digitWords),
  ...Object.keys(tensWords),
  ...Object.keys(teenWords),
]);
export const refuses =
  /\b(?:don'?t|do not|not|why|what|which|can'?t|cannot|rather|same|already|wait|sorry|repeat|again|number i am calling|this number)\b|\?/i;
const months =
  /\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b|(?:st|nd|rd|th)\b|\b(?:first|second|third|\w+(?:th|ieth))\b/i;
export const timeOfDay = /\b(?:[ap]\.?m\b|o'?clock|morning|afternoon|evening|baje)/i;
const tellsNumber = /\b(?:number|phone|mobile|starts with|ends (?:with|in)|digits?)\b/i;

/**
 * What a caller answers to a question for name, phone, birth date or address, however it is said: a short answer is hidden
 * whole, and pieces of a number are hidden while one is being told.
 */
export function createAnswerReader(): (turn: SpokenTurn) => AnswerSpan[] {
  let asked: readonly Asked[] = [];
  let left = 0;
  let number = 0;
  return function readAnswer({ speaker, text }) {
    if (speaker !== 'caller') {
      const found = askedBy(text.slice(-500));
      if (found.length > 0 || text.includes('?')) {
        if (!(found.length === 0 && number > 0)) asked = found;
        left = reach;
      }
      return [];
    }
    number =
      asked.includes('phone') || asked.includes('id_number') || tellsNumber.test(text) ? reach : number - 1;
    const spans = left > 0 ? asked.flatMap((kind) => answerTo(kind, text)) : [];
    asked = asked.filter((kind) => !spans.some((span) => span.kind === kind));
    left -= 1;
    const pieces =
      number > 0
        ? findDigitPieces(text).map(({ start, end }) => ({ start, end, kind: 'phone' as const }))
        : [];
    return [...spans, ...pieces];
  };
}

/** What is asked for; a sentence that tells a number or an address asks for none. */
function askedBy(text: string): Asked[] {
  const asking = sentences(text).filter(({ value }) => asks.test(value));
  const found = questions
    .filter(([, pattern]) => asking.some(({ value }) => pattern.test(value)))
    .map(([kind]) => kind);
  return asksName(text) ? [...found, 'name'] : found;
}

function answerTo(kind: Asked, text: string): AnswerSpan[] {
  if (text.length > 400) return [];
  const from = lead.exec(text)?.[0].length ?? 0;
  const words = allMatches(text, anyWord).filter(({ index }) => index >= from);
  if (words.length === 0 || words.length > longest[kind] || refuses.test(text)) return [];
  if (kind === 'name') return ordinaryOut(words, text);
  if (!isTelling(kind, words, text)) return [];
  const last = words.at(-1);
  return last ? [{ start: words[0]?.index ?? from, end: last.index + last[0].length, kind }] : [];
}

/** Whether the words may be what was asked for: a number has three digits or more, a date a number or a month. */
function isTelling(kind: Asked, words: readonly RegExpExecArray[], text: string): boolean {
  const numbers = words.filter(({ 0: word }) => /\p{Nd}/u.test(word) || numberWord.has(word.toLowerCase()));
  const digits = numbers.reduce((sum, { 0: word }) => sum + (word.match(/\p{Nd}/gu)?.length ?? 1), 0);
  if (kind === 'phone' || kind === 'id_number') return digits >= 3 && !timeOfDay.test(text);
  if (kind === 'date_of_birth') return digits > 0 || months.test(text);
  if (kind === 'email') return /@|\b(?:at|dot|gmail|yahoo|hotmail|outlook|underscore)\b/i.test(text);
  return digits > 0 || words.filter(({ 0: word }) => !notNames.has(word.toLowerCase())).length >= 2;
}

/** The words of a short answer that can't be anything but a name. */
function ordinaryOut(words: readonly RegExpExecArray[], text: string): AnswerSpan[] {
  return words
    .filter(({ 0: word, index }) => {
      const plain = word.toLowerCase().replace(/['’.]/g, '');
      const capital = /^\p{Lu}/u.test(word) && index > 0 && !/[.!?] ?$/.test(text.slice(0, index));
      return !notNames.has(plain) || (capital && plain !== 'i');
    })
    .map(({ 0: word, index }) => ({ start: index, end: index + word.length, kind: 'name' as const }));
}
