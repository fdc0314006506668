import { nameTokens } from '../names.ts';
import { isUnavailable, sentences } from './booking-status.ts';
import type { DialogueState } from './dialogue-state.ts';
import { type DateContext, findBirthDates, findDates } from './find-dates.ts';
import { isAgreement, isRefusal } from './find-intent.ts';
import { findPhones } from './find-numbers.ts';
import { asksName, findCallerNames, findPractitioners, findRelativeNames } from './find-people.ts';
import { asksPlace, findCities, findOffered, findSpecialties } from './find-places.ts';
import { findSpokenTimes, findTimes } from './find-times.ts';
import { allMatches } from './patterns.ts';
import type { Found, KnownPractitioner, SpokenTurn } from './types.ts';

export interface ReadContext {
  dates: DateContext;
  region: string | null;
  practitioners: readonly KnownPractitioner[];
}

const asksTime =
  /\b(?:what|which|at what|when)\b[^.!]{0,40}\b(?:time|hour|o'?clock)\b|\btime\b[^.!]{0,60}\?|\bwhen\b[^.!]{0,60}\?|kitne baje/i;
const asksBirth = /\b(?:date of birth|birth ?date|birthday|dob|born|janam)\b/i;
const asksReason =
  /\b(?:symptoms?|reason for|what(?:'s| is) (?:this|it) (?:regarding|about|for)|what seems|what(?:'s| is) (?:the )?(?:problem|issue|concern|wrong|bothering)|describe)\b/i;
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
const askedFor = /\b(?:medicine|tablet|tablets|prescription|refill)\b/i;
const medication =
  /\b(?:refill(?: of| for| on)?|prescription (?:of|for)|renew|out of|some more|more) (?:my |the |some |a )?([a-z][a-z-]{3,30})\b/gi;
const symptoms =
  /\b(?:i (?:have|am having|'ve got|have got|got|feel|am feeling|'ve been having)|i'?ve (?:got|had|been having)|suffering from|because of|due to|regarding|mujhe) (?:a |an |some |this |the |my )?([a-z][a-z ,'-]{3,80})/i;
const illness =
  /\b(?:pain|ache|fever|cough|cold|rash|allerg\w+|itch\w*|swelling|headache|toothache|back|throat|nose|sneez\w+|vomit\w*|nausea|dizz\w+|sugar|diabetes|pressure|infection|injury|bleeding|tired\w*|anxi\w+|depress\w+|check-?up|follow-?up|vaccin\w+|cleaning|filling|root canal|bukhar|dard|khansi)\b/i;
const movedFrom =
  /\b(?:from|instead of|scheduled for|booked for|was (?:on|at)|is (?:on|at)|appointment (?:on|at)|it'?s (?:on|at)) $/i;
const rejectedBehind = /^[ ,]{0,2}(?:doesn'?t|does not|won'?t|will not|isn'?t|is not|is too|can'?t|nahi)\b/i;
const rejectedBefore =
  /\b(?:not|can'?t (?:do|make|come)(?: it)?(?: on| at)?|except|other than|rather than|instead of|busy(?: on| at)?|no longer|but not)(?: on| at| the)? $/i;

/** Puts what a caller's turn says into the state; `question` is the agent's turn before it. */
export function readCallerTurn(
  state: DialogueState,
  turn: SpokenTurn,
  question: string,
  context: ReadContext,
): void {
  const { text, index } = turn;
  const birth = asksBirth.test(question) || asksBirth.test(text);
  const births = birth ? findBirthDates(text, context.dates) : [];
  const phones = findPhones(text, context.region);
  const numbers = [...births, ...phones];
  const dates = outside(findWishedDates(text, context.dates, asksWhen.test(question)), numbers);
  const times = outside(findSpokenTimes(text, asksTime.test(question)), [...numbers, ...dates]);
  const cities = findCities(text, asksPlace(question));
  const people = practitionersIn(text, cities, context, false);
  const given = new Set<string>();
  if (dates.length > 0) given.add('date');
  if (times.length > 0) given.add('time');
  if (isRefusal(text) && !isAgreement(text) && !anythingElse.test(question))
    state.refuse(given.size > 0 ? new Set(['practitioner', 'city']) : new Set());
  else state.settle();
  takeLast(state, 'date', index, wanted(text, dates));
  takeLast(state, 'time', index, wanted(text, times));
  for (const one of births) state.accept('date_of_birth', index, one);
  for (const one of phones) state.accept('phone', index, one);
  for (const one of people) state.accept('practitioner', index, one);
  for (const one of cities) state.accept('city', index, one);
  for (const one of findSpecialties(text)) state.accept('specialty', index, one);
  takeNames(state, turn, question, people);
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
    const dates = findWishedDates(sentence.value, context.dates, false);
    const cities = findCities(sentence.value, false);
    if (!openingHours.test(sentence.value) && !asksBirth.test(sentence.value)) {
      const times = outside(findTimes(sentence.value), dates);
      const date = dates.at(-1);
      const time = times.at(-1);
      if (date && dates.length === 1) state.propose('date', turn.index, at(date));
      if (time && times.length === 1) state.propose('time', turn.index, at(time));
    }
    for (const one of practitionersIn(sentence.value, cities, context, true)) {
      state.propose('practitioner', turn.index, at(one));
    }
    const [specialty, another] = findSpecialties(sentence.value);
    if (specialty && !another && !state.last('specialty') && !sentence.value.endsWith('?')) {
      state.propose('specialty', turn.index, at(specialty));
    }
  }
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
function findWishedDates(text: string, context: DateContext, asked: boolean): Found[] {
  return findDates(text, context).filter(({ value }) => {
    if (!thisDay.test(value) || asked) return true;
    return !smallTalk.test(text) && (aboutVisit.test(text) || findTimes(text).length > 0);
  });
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

function takeNames(
  state: DialogueState,
  turn: SpokenTurn,
  question: string,
  practitioners: readonly Found[],
): void {
  const asked = asksName(question);
  const names = outside(findCallerNames(turn.text, asked), practitioners);
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

function takeReason(state: DialogueState, turn: SpokenTurn, question: string): void {
  const { text, index } = turn;
  if (askedFor.test(text)) {
    for (const match of allMatches(text, medication)) {
      const value = match[1] ?? '';
      if (
        /^(?:prescription|medicine|medication|tablets?|pills|them|this|that|from|last|with|please)$/i.test(
          value,
        )
      )
        continue;
      const start = match.index + match[0].length - value.length;
      state.accept('medication', index, {
        start,
        end: start + value.length,
        value,
        normalised: value.toLowerCase(),
        confidence: 0.6,
      });
    }
  }
  const said = symptoms.exec(text);
  const value = said?.[1]?.trim() ?? '';
  if (said && illness.test(value)) {
    const start = said.index + said[0].length - (said[1]?.length ?? 0);
    state.accept('reason', index, {
      start,
      end: start + value.length,
      value,
      normalised: null,
      confidence: 0.7,
    });
  } else if (asksReason.test(question) && illness.test(text)) {
    const whole = text.trim().slice(0, 200);
    const start = text.indexOf(whole);
    state.accept('reason', index, {
      start,
      end: start + whole.length,
      value: whole,
      normalised: null,
      confidence: 0.6,
    });
  }
}

function isPartOf(part: string, whole: string): boolean {
  const words = nameTokens(whole);
  return nameTokens(part).every((word) => words.includes(word));
}

function outside(found: readonly Found[], taken: readonly Found[]): Found[] {
  return found.filter((one) => !taken.some((other) => one.start < other.end && other.start < one.end));
}
