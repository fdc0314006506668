import type { Entity, Redaction } from '@switchboard/schemas';
import { DateTime } from 'luxon';
import { foldDigits } from './digits.ts';
import { aboutBirth, findSaidBirths } from './extraction/find-births.ts';
import { findBirthDates, findDates } from './extraction/find-dates.ts';
import { findDigitRuns } from './extraction/find-numbers.ts';
import { allMatches } from './extraction/patterns.ts';
import type { SpokenTurn } from './extraction/types.ts';
import { readAlone } from './redaction-alone.ts';
import { createAnswerReader } from './redaction-answers.ts';
import { findNameSpans, findNamesOfCall, type NamesOfCall } from './redaction-names.ts';

/** `not redacted yet` covers a turn in a script that no rule reads. */
export type RedactionKind =
  | 'name'
  | 'phone'
  | 'date_of_birth'
  | 'email'
  | 'address'
  | 'id_number'
  | 'not redacted yet';

export interface RedactedSpan {
  /** First character (UTF-16). */
  start: number;
  /** Behind the last character. */
  end: number;
  kind: string;
}

/** A turn with more spans than this is hidden as a whole, so that no transcript makes an event too large. */
const maxSpansOfTurn = 200;

/** Beyond this many birth dates a call is none. */
const maxBirths = 50;

/** Birth dates are looked for relative to this day: two digits of a year then are of the century before. */
const context = { today: DateTime.fromISO('2099-12-31', { zone: 'utc' }), monthFirst: false };

const email = /(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}/g;
const spokenEmail =
  /(?<![\w.])(?:[a-z0-9] ){0,20}[\w.]{1,40}(?: (?:dot|underscore|dash|hyphen) \w{1,40}){0,3} at (?:the rate )?(?:gmail|yahoo|hotmail|outlook|rediff\w{0,5}|icloud|\w{2,30})(?: dot (?:com|in|org|net|co|uk)\b){1,2}/gi;
const idNumber =
  /\b[A-Z]{5}\d{4}[A-Z]\b|\b\d{3}-\d{2}-\d{4}\b|\b(?:mrn|uhid|aadhaar|aadhar|pan|passport|policy|member|patient id|record)(?: (?:number|no\.?|card|id|is)){0,3}[ :#]{1,3}[A-Z]{0,4}[ -]?\d[\w-]{2,20}/gi;
const streets =
  'street|st|avenue|ave|road|rd|drive|lane|ln|boulevard|blvd|marg|nagar|colony|sector|society|apartments?|chowk|layout|block|vihar|enclave';
/** A word in a script that the rules do not read, in a text that they do. */
const foreignWords = /(?:(?!\p{Script=Latin})\p{L}[\p{L}\p{M}]*(?: (?!\p{Script=Latin})(?=\p{L}))?){1,40}/gu;
const address = new RegExp(
  `\\b\\d{1,5}[A-Za-z]?,? (?:[\\w.'-]{1,25} ){1,4}(?:${streets})\\b\\.?|\\b(?:flat|house|plot|apartment|apt|unit)(?: (?:number|no\\.?))? ?#?[\\w/-]{1,8}\\b(?:,? [\\w.'-]{1,25}){0,4}|\\b(?:pin ?code|postal code|zip ?code|zip)(?: is)? \\d{5,6}\\b`,
  'gi',
);
const livesAt =
  /\b(?:my|home|residential|our) address (?:is|:) ?([^.?!]{3,120})|\bi (?:live|stay) (?:at|in) ([^.?!,]{3,80})/gi;
/**
 * Where the turns of a call hold what identifies a patient, in the order of turns and text, without overlaps. Errs on the
 * side of hiding. Linear in the text.
 *
 * @param entities what an extractor found: its names are hidden wherever they are said
 * @param alone Unix ms of a message whose question is not among the turns: it is read as the answer to any, and a day
 *   before it as somebody's birth
 */
export function findRedactions(
  turns: readonly SpokenTurn[],
  entities: readonly Pick<Entity, 'name' | 'value' | 'normalised'>[] = [],
  alone?: number,
): Redaction[] {
  const names = findNamesOfCall(turns, entities);
  const births = birthDaysOf(turns, entities);
  const readAnswer =
    alone === undefined ? createAnswerReader() : (turn: SpokenTurn) => answersAlone(turn, alone);
  const unread = isUnread(
    turns
      .map(({ text }) => text)
      .join(' ')
      .slice(0, 20_000),
  );
  let question = '';
  return turns.flatMap((turn) => {
    const answers = readAnswer(turn);
    if (unread || isUnread(turn.text))
      return hidden(turn, [{ ...whole(turn.text), kind: 'not redacted yet' }]);
    const spans = merge([...answers, ...findSpans(turn, names, births, aboutBirth.test(question))]);
    question = turn.speaker === 'agent' ? turn.text.slice(-500) : '';
    return hidden(
      turn,
      spans.length > maxSpansOfTurn ? [{ ...whole(turn.text), kind: spans[0]?.kind ?? 'name' }] : spans,
    );
  });
}

/** A text with each span replaced by its kind in brackets, e.g. `"I am [name]"`; spans may come in any order. */
export function redactText(text: string, spans: readonly RedactedSpan[]): string {
  let out = '';
  let at = 0;
  for (const { start, end, kind } of merge(spans)) {
    out += `${text.slice(at, Math.max(at, start))}[${kind}]`;
    at = Math.max(at, end);
  }
  return out + text.slice(at);
}

function findSpans(
  turn: SpokenTurn,
  names: NamesOfCall,
  births: ReadonlySet<string>,
  afterBirthQuestion: boolean,
): RedactedSpan[] {
  const text = foldDigits(turn.text);
  const spans: RedactedSpan[] = [];
  const add = (kind: RedactionKind, found: Iterable<{ start: number; end: number }>) => {
    for (const { start, end } of found) spans.push({ start, end, kind });
  };
  if (text.includes('@')) add('email', matches(text, email));
  if (/ dot /i.test(text)) add('email', matches(text, spokenEmail));
  add('id_number', matches(text, idNumber));
  add('address', matches(text, address));
  add('address', matches(text, livesAt));
  if (/\d{4}|\d[/.-]\d/.test(text)) add('date_of_birth', findBirthDates(text, context).filter(isLongAgo));
  if (births.size > 0)
    add(
      'date_of_birth',
      findDates(text, context).filter((date) => births.has(dayOf(date))),
    );
  if (afterBirthQuestion || aboutBirth.test(text)) {
    add('date_of_birth', findSaidBirths(text, context));
    add('date_of_birth', findDates(text, context));
  }
  for (const run of findDigitRuns(text)) {
    // Twelve digits that do not begin with India's country code are an Aadhaar number, six a record's.
    const isPhone = run.digits.length >= 7 && !/^(?!91)\d{12}$/.test(run.digits);
    add(isPhone ? 'phone' : 'id_number', [run]);
  }
  add('name', findNameSpans(turn, names));
  if (/[\u0250-\uffff]/.test(text)) add('name', matches(text, foreignWords));
  return spans;
}

function answersAlone({ speaker, text }: SpokenTurn, at: number): RedactedSpan[] {
  if (speaker !== 'caller') return [];
  const today = new Date(at).toISOString().slice(0, 10);
  const births = findBirthDates(foldDigits(text), context)
    .filter(({ normalised }) => normalised !== null && normalised < today)
    .map(({ start, end }) => ({ start, end, kind: 'date_of_birth' }));
  return [...births, ...readAlone(text)];
}

/** Month and day of every birth date that is told: it is hidden where an agent repeats it, too. */
function birthDaysOf(
  turns: readonly SpokenTurn[],
  entities: readonly Pick<Entity, 'name' | 'value' | 'normalised'>[],
): Set<string> {
  const days = new Set<string>();
  for (const { name, normalised } of entities)
    if (name === 'date_of_birth' && normalised) days.add(dayOf({ normalised }));
  let question = '';
  for (const { speaker, text } of turns) {
    if (days.size >= maxBirths) break;
    if (aboutBirth.test(question) || aboutBirth.test(text)) {
      for (const found of findSaidBirths(text, context)) if (found.normalised) days.add(dayOf(found));
    }
    question = speaker === 'agent' ? text.slice(-500) : '';
  }
  return days;
}

function dayOf({ normalised }: { normalised: string | null }): string {
  return normalised?.slice(5) ?? '';
}

/** Whether most letters of a text are of scripts that the rules do not read. */
function isUnread(text: string): boolean {
  const read = text.slice(0, 20_000);
  if (!/[\u0250-\uffff]/.test(read)) return false;
  const other = read.match(/(?!\p{Script=Latin})\p{L}/gu)?.length ?? 0;
  return other > 0 && other > (read.match(/\p{Script=Latin}/gu)?.length ?? 0) / 4;
}

function hidden(turn: SpokenTurn, spans: readonly RedactedSpan[]): Redaction[] {
  const real = spans.filter(({ start, end }) => end > start);
  return real.map(({ start, end, kind }) => ({ turn: turn.index, start, end, kind }));
}

function matches(text: string, pattern: RegExp): { start: number; end: number }[] {
  return allMatches(text, pattern).map((match) => {
    const inner = match[1] ?? match[2];
    const start = match.index + (inner ? match[0].lastIndexOf(inner) : 0);
    return { start, end: match.index + match[0].length };
  });
}

/** Sorted, spans that touch or overlap joined under the kind of the first. */
function merge(spans: readonly RedactedSpan[]): RedactedSpan[] {
  const merged: RedactedSpan[] = [];
  for (const span of [...spans].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = merged.at(-1);
    const touches =
      last && (span.start < last.end || (span.kind === last.kind && span.start <= last.end + 1));
    if (touches) merged[merged.length - 1] = { ...last, end: Math.max(last.end, span.end) };
    else if (span.end > span.start) merged.push({ ...span });
  }
  return merged;
}

function whole(text: string): { start: number; end: number } {
  return { start: 0, end: text.length };
}

/** Calls are about days of this year and the next; a day of years before is somebody's birth. */
function isLongAgo({ normalised }: { normalised: string | null }): boolean {
  return normalised !== null && normalised < '2024';
}
