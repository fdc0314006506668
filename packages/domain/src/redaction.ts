import type { Entity, Redaction } from '@switchboard/schemas';
import { DateTime } from 'luxon';
import { findBirthDates, findDates } from './extraction/find-dates.ts';
import { findDigitRuns } from './extraction/find-numbers.ts';
import { findCallerNames, findRelativeNames, nameAt } from './extraction/find-people.ts';
import { allMatches } from './extraction/patterns.ts';
import type { SpokenTurn } from './extraction/types.ts';
import { notNames } from './extraction/words.ts';
import { nameTokens } from './names.ts';

export type RedactionKind = 'name' | 'phone' | 'date_of_birth' | 'email' | 'address' | 'id_number';

export interface RedactedSpan {
  /** First character (UTF-16). */
  start: number;
  /** Behind the last character. */
  end: number;
  kind: string;
}

/** A turn with more spans than this is hidden as a whole, so that no transcript makes an event too large. */
const maxSpansOfTurn = 200;

/** Birth dates are looked for relative to this day: later ones are appointments. */
const context = { today: DateTime.fromISO('2100-01-01', { zone: 'utc' }), monthFirst: false };

const email = /(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}/g;
const spokenEmail =
  /(?<![\w.])[\w.]{1,40}(?: (?:dot|underscore) \w{1,40}){0,3} at (?:the rate )?(?:gmail|yahoo|hotmail|outlook|rediff\w{0,5}|icloud|\w{2,30}) dot (?:com|in|org|net|co)\b/gi;
const idNumber =
  /\b[A-Z]{5}\d{4}[A-Z]\b|\b\d{3}-\d{2}-\d{4}\b|\b(?:mrn|uhid|aadhaar|aadhar|pan|passport|policy|member|patient id|record)(?: (?:number|no\.?|card|id|is)){0,3}[ :#]{1,3}[A-Z]{0,4}[ -]?\d[\w-]{2,20}/gi;
const streets =
  'street|st|avenue|ave|road|rd|drive|lane|ln|boulevard|blvd|marg|nagar|colony|sector|society|apartments?|chowk|layout|block|vihar|enclave';
const address = new RegExp(
  `\\b\\d{1,5}[A-Za-z]?,? (?:[\\w.'-]{1,25} ){1,4}(?:${streets})\\b\\.?|\\b(?:flat|house|plot|apartment|apt|unit)(?: (?:number|no\\.?))? ?#?[\\w/-]{1,8}\\b(?:,? [\\w.'-]{1,25}){0,4}|\\b(?:pin ?code|postal code|zip ?code|zip)(?: is)? \\d{5,6}\\b`,
  'gi',
);
const livesAt =
  /\b(?:my|home|residential|our) address (?:is|:) ?([^.?!]{3,120})|\bi (?:live|stay) (?:at|in) ([^.?!,]{3,80})/gi;
const titled = /\b(?:mr|mrs|ms|miss|shri|smt|mister|missus)\b\.? /gi;
const birth = /\b(?:date of birth|birth ?date|birthday|dob|born|janam)\b/i;
const dateShaped = /^\d{4}-\d{1,2}-\d{1,2}$|^\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}$/;

/**
 * Where the turns of a call hold what identifies a patient, in the order of turns and text, without overlaps. Errs on the
 * side of hiding. Linear in the text.
 *
 * @param entities what an extractor found: its names are hidden wherever they are said
 */
export function findRedactions(
  turns: readonly SpokenTurn[],
  entities: readonly Pick<Entity, 'name' | 'value' | 'normalised'>[] = [],
): Redaction[] {
  const names = nameWords(turns, entities);
  let question = '';
  return turns.flatMap((turn) => {
    const spans = findSpans(turn.text, names, birth.test(question));
    question = turn.speaker === 'agent' ? turn.text.slice(-500) : '';
    const kept = spans.length > maxSpansOfTurn ? [whole(turn.text, spans)] : spans;
    return kept.map(({ start, end, kind }) => ({ turn: turn.index, start, end, kind }));
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

function findSpans(text: string, names: ReadonlySet<string>, afterBirthQuestion: boolean): RedactedSpan[] {
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
  if (afterBirthQuestion || birth.test(text)) add('date_of_birth', findDates(text, context));
  for (const run of findDigitRuns(text)) {
    if (dateShaped.test(run.value.trim())) continue;
    // Twelve digits that do not begin with India's country code are an Aadhaar number, six a record's.
    const isPhone = run.digits.length >= 7 && !/^(?!91)\d{12}$/.test(run.digits);
    add(isPhone ? 'phone' : 'id_number', [run]);
  }
  for (const match of allMatches(text, titled)) {
    const name = nameAt(text, match.index + match[0].length, false);
    if (name) add('name', [name]);
  }
  for (const match of names.size > 0 ? text.matchAll(/[\p{L}][\p{L}\p{M}]{1,40}/gu) : []) {
    if (names.has(match[0].toLowerCase()))
      add('name', [{ start: match.index, end: match.index + match[0].length }]);
  }
  return merge(spans);
}

/** Words of all names that callers give anywhere in the call, in lower case. */
function nameWords(
  turns: readonly SpokenTurn[],
  entities: readonly Pick<Entity, 'name' | 'value' | 'normalised'>[],
): Set<string> {
  const names = entities
    .filter(({ name }) => name === 'patient_name' || name === 'relative_name')
    .flatMap(({ value, normalised }) => [value, normalised ?? '']);
  for (const { speaker, text } of turns) {
    if (speaker !== 'caller') continue;
    for (const { value } of [...findCallerNames(text, false), ...findRelativeNames(text)]) names.push(value);
  }
  const words = names.flatMap((name) => [
    ...nameTokens(name),
    ...(name.toLowerCase().match(/[\p{L}\p{M}]{2,40}/gu) ?? []),
  ]);
  return new Set(words.filter((word) => word.length > 1 && !notNames.has(word)));
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

function whole(text: string, spans: readonly RedactedSpan[]): RedactedSpan {
  return { start: 0, end: text.length, kind: spans[0]?.kind ?? 'name' };
}

/** Calls are about days of this year and the next; a day of years before is somebody's birth. */
function isLongAgo({ normalised }: { normalised: string | null }): boolean {
  return normalised !== null && normalised < '2024';
}
