import { nameTokens } from '../names.ts';
import { isUnavailable, sentences } from './booking-status.ts';
import type { DialogueState } from './dialogue-state.ts';
import { findAddressed, findIdentityAsked } from './find-addressed.ts';
import { aboutBirth, findSaidBirths } from './find-births.ts';
import { type DateContext, findDates } from './find-dates.ts';
import { isAgreement, isRefusal } from './find-intent.ts';
import { asksName, findCallerNames, findRelativeNames } from './find-names.ts';
import { findDigitRuns, findPhones } from './find-numbers.ts';
import { asksPlace, findCities, findOffered, findSpecialties } from './find-places.ts';
import { findPractitioners, isTitled } from './find-practitioners.ts';
import { findSpokenTimes, findTimes } from './find-times.ts';
import { takeReason } from './read-reason.ts';
import type { Found, KnownPractitioner, SpokenTurn } from './types.ts';

export interface ReadContext {
  dates: DateContext;
  /** ISO date before which no day is wanted. */
  longPast: string;
  region: string | null;
  practitioners: readonly KnownPractitioner[];
}

const asksTime =
  /\b(?:what|which|at what|when)\b[^.!]{0,40}\b(?:time|hour|o'?clock)\b|\btime\b[^.!]{0,60}\?|\bwhen\b[^.!]{0,60}\?|kitne baje/i;
const asksSurname = /\b(?:last name|surname|family name)\b/i;
const openingHours = /\b(?:open|opens|close|closes|closed|hours|timings?|between|working|lunch)\b/i;
const anythingElse = /\b(?:anything|something|what) else\b|\bfurther\b|\bhelp you with\b|\bany other\b/i;
const thisDay = /^(?:today|tonight|aaj|this (?:morning|afternoon|evening))$/i;
const asksWhen =
  /\b(?:when|which|what) (?:day|date|time|would|do|can|is)\b|\bwhen\b|\b(?:day|date)\b[^.!]{0,60}\?|kab/i;
const aboutVisit =
  /\b(?:appointments?|book\w*|slots?|see|visit|come|availab\w*|free|schedul\w*|possible|open\w*|later|milna|chahiye)\b/i;
const smallTalk =
  /\b(?:help|assist\w*|else|need|all|that'?s it|(?:was|will be|be) it|for you|thanks?|thank you|enjoy|have a)\b[^.!?]{0,30}\b(?:today|tonight|this (?:morning|afternoon|evening))\b/i;
const bygone = /^(?:last|past|previous|yesterday)\b/i;
/** What happened then, or has gone on since, is not wanted then. */
const history =
  /\b(?:since|visited|came (?:in|there|to you)|surgery|operation|operated|admitted|discharged|fell|injured|took (?:my|the|a))\b(?: [\w']+){0,4} $/i;
const movedFrom =
  /\b(?:from|instead of|scheduled for|booked for|was (?:on|at)|is (?:on|at)|appointment (?:on|at)|it'?s (?:on|at)) $/i;
const rejectedBehind = /^[ ,]{0,2}(?:doesn'?t|does not|won'?t|will not|isn'?t|is not|is too|can'?t|nahi)\b/i;
const rejectedBefore =
  /\b(?:not|can'?t (?:do|make|come)(?: it)?(?: on| at)?|except|anything but|any day but|other than|rather than|instead of|busy(?: on| at)?|no longer|but not)(?: on| at| the)? $/i;

/** Puts what a caller's turn says into the state; `question` is the agent's turn before it. */
export function readCallerTurn(
  state: DialogueState,
  turn: SpokenTurn,
  question: string,
  context: ReadContext,
): void {
  const { text, index } = turn;
  const births = findBirths(text, aboutBirth.test(question), context.dates);
  const runs = findDigitRuns(text);
  const phones = findPhones(text, context.region, runs);
  const numbers = [...births.spans, ...phones, ...runs];
  const dates = outside(findWishedDates(text, context, asksWhen.test(question)), numbers);
  const times = outside(findSpokenTimes(text, asksTime.test(question)), [...numbers, ...dates]).filter(
    ({ start }) => !isHistory(text, start),
  );
  const cities = findCities(text, asksPlace(question));
  const { names, people } = whoIsMeant(text, cities, asksName(question), context);
  const given = new Set<string>();
  if (dates.length > 0) given.add('date');
  if (times.length > 0) given.add('time');
  if (isRefusal(text) && !isAgreement(text) && !anythingElse.test(question))
    state.refuse(given.size > 0 ? new Set(['practitioner', 'city']) : new Set());
  else state.settle();
  takeLast(state, 'date', index, wanted(text, dates));
  takeLast(state, 'time', index, wanted(text, times));
  for (const one of births.dates) state.accept('date_of_birth', index, one);
  for (const one of phones) state.accept('phone', index, one);
  for (const one of people) state.accept('practitioner', index, one);
  for (const one of cities) state.accept('city', index, one);
  for (const one of findSpecialties(text)) state.accept('specialty', index, one);
  takeNames(state, turn, question, names);
  takeReason(state, turn, question);
}

/** Puts what an agent's turn says into the state: offers until refused, but no opening hours and nothing unavailable. */
export function readAgentTurn(state: DialogueState, turn: SpokenTurn, context: ReadContext): void {
  for (const sentence of sentences(turn.text)) {
    if (isUnavailable(sentence.value)) continue;
    const at = (found: Found) => ({
      ...found,
      start: found.start + sentence.start,
      end: found.end + sentence.start,
    });
    const born = state.last('date_of_birth')?.normalised;
    const dates = findWishedDates(sentence.value, context, false).filter(
      ({ normalised }) => normalised === null || normalised !== born,
    );
    const cities = findCities(sentence.value, false);
    if (!openingHours.test(sentence.value) && !aboutBirth.test(sentence.value)) {
      const times = outside(findTimes(sentence.value), dates);
      const date = dates.at(-1);
      const time = times.at(-1);
      if (date && dates.length === 1) state.propose('date', turn.index, at(date));
      if (time && times.length === 1) state.propose('time', turn.index, at(time));
    }
    const addressed = findAddressed(sentence.value);
    for (const one of practitionersIn(sentence.value, cities, context, true)) {
      if (isTitled(one) || outside([one], addressed).length > 0)
        state.propose('practitioner', turn.index, at(one));
    }
    if (!state.last('patient_name')) {
      for (const one of findIdentityAsked(sentence.value)) state.propose('patient_name', turn.index, at(one));
    }
    const [specialty, another] = findSpecialties(sentence.value);
    if (specialty && !another && !state.last('specialty') && !sentence.value.endsWith('?')) {
      state.propose('specialty', turn.index, at(specialty));
    }
  }
}

/** Who is named behind "my name is", or when asked for a name, is the caller, whatever the clinic's doctors are called. */
function whoIsMeant(
  text: string,
  cities: readonly Found[],
  asked: boolean,
  context: ReadContext,
): { names: readonly Found[]; people: readonly Found[] } {
  const found = practitionersIn(text, cities, context, false);
  const names = outside(findCallerNames(text, asked), found.filter(isTitled));
  return { names, people: found.filter((one) => isTitled(one) || outside([one], names).length > 0) };
}

/** Birth dates of a turn, and all that is said of days there: none of it is a wish. */
function findBirths(
  text: string,
  asked: boolean,
  context: DateContext,
): { dates: readonly Found[]; spans: readonly Found[] } {
  const spoken = sentences(text).filter(({ value }) => aboutBirth.test(value));
  if (!asked && spoken.length === 0) return { dates: [], spans: [] };
  const found = findSaidBirths(text, context);
  const spans = [...found, ...findDates(text, context)].filter(
    (one) => asked || spoken.some(({ start, end }) => one.start >= start && one.end <= end),
  );
  const dates = found.filter((one) => one.normalised !== null && spans.includes(one));
  return { dates, spans: asked && aboutVisit.test(text) ? found : spans };
}

function practitionersIn(
  text: string,
  cities: readonly Found[],
  context: ReadContext,
  isAgent: boolean,
): Found[] {
  const titled = findPractitioners(text, context.practitioners);
  if (titled.length > 0 || context.practitioners.length > 0) return titled;
  const offered = findOffered(
    text,
    cities.map(({ value }) => value),
  );
  return isAgent ? offered.slice(0, 1) : offered.slice(-1);
}

/** Days that something is wanted on; "thanks, that is all for today" wants nothing. */
function findWishedDates(text: string, { dates, longPast }: ReadContext, asked: boolean): Found[] {
  return findDates(text, dates).filter(({ value, normalised, start }) => {
    if (normalised !== null && normalised < longPast) return false;
    if (bygone.test(value) || isHistory(text, start)) return false;
    if (!thisDay.test(value) || asked) return true;
    return !smallTalk.test(text) && (aboutVisit.test(text) || findTimes(text).length > 0);
  });
}

function isHistory(text: string, at: number): boolean {
  return history.test(text.slice(Math.max(0, at - 60), at));
}

/** Of several days or hours in one turn the last that the caller wants: not what it is moved from or can't be. */
function wanted(text: string, found: readonly Found[]): Found[] {
  return found.filter(({ start, end }) => {
    const before = text.slice(Math.max(0, start - 32), start);
    if (rejectedBefore.test(before) || rejectedBehind.test(text.slice(end, end + 14))) return false;
    return !(movedFrom.test(before) && found.some((other) => other.start > end));
  });
}

function takeLast(state: DialogueState, name: string, turn: number, found: readonly Found[]): void {
  for (const one of found) state.accept(name, turn, one);
}

function takeNames(state: DialogueState, turn: SpokenTurn, question: string, names: readonly Found[]): void {
  const relatives = findRelativeNames(turn.text);
  for (const name of names) {
    if (relatives.some(({ start }) => start === name.start)) continue;
    const before = state.last('patient_name');
    if (before && isPartOf(name.value, before.value)) continue;
    const first =
      before && asksSurname.test(question) && nameTokens(before.value).length === 1
        ? before.normalised
        : null;
    const normalised = first ? `${first} ${name.normalised ?? name.value}` : name.normalised;
    state.accept('patient_name', turn.index, { ...name, normalised });
  }
  for (const name of relatives) state.accept('relative_name', turn.index, name);
}

function isPartOf(part: string, whole: string): boolean {
  const words = nameTokens(whole);
  return nameTokens(part).every((word) => words.includes(word));
}

function outside(found: readonly Found[], taken: readonly Found[]): Found[] {
  return found.filter((one) => !taken.some((other) => one.start < other.end && other.start < one.end));
}
