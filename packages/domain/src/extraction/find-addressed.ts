import { isLower, nameAt, relatives } from './find-names.ts';
import { allMatches } from './patterns.ts';
import type { Found } from './types.ts';

/** An agent asks whether this is somebody. */
const asksWhom =
  /\b(?:(?:am i|is this|are you) (?:speaking|talking) (?:with|to)|speaking (?:with|to)|(?:may|can|could) i (?:please )?(?:speak|talk) (?:with|to))\s/giu;
const asksWhether = /\b(?:is (?:this|that)|are you)\s/giu;
/** How an agent calls whom it speaks to; behind the weaker words the name stands alone. */
const salutation =
  /\b(?:hello|hi|hey|dear|thanks|thank you(?: (?:so|very) much)?|welcome(?: back)?|namaste|dhanyavaad|shukriya|good (?:morning|afternoon|evening|day)|bye|goodbye)[, ]{1,2}/giu;
const lightSalutation =
  /\b(?:sure|okay|ok|alright|all right|great|perfect|noted|sorry|yes|ji|so|right|done|got it|of course|certainly|understood)[, ]{1,2}/giu;
/** A name in the books. */
const entry =
  /\b(?:(?:under|in) (?:the name(?: of)?|name)|name (?:is|as)|have (?:you|it) (?:down )?(?:as|under)|(?:appointment|booking|slot|visit|report|reports|message|call|file|record|it) (?:is |are |was )?(?:for|under|of)|patient(?: is)?|is under)\s/giu;
/** Others whom a caller speaks of. */
const spokenOf =
  /\b(?:(?:appointment|appt|booking|slot|visit|consultation|test|tests|report|reports|call|message|it|one|that|this|book|here) for|(?:tell|told|ask|asked|call|calling|called|named|inform|regarding|about|under)|speaking (?:to|with)|behalf of|parent of|(?:mother|father|wife|husband|son|daughter|guardian) of)\s/giu;
/** "Meera's husband": whom a caller is somebody's to. */
const possessor = new RegExp(
  `((?:\\p{Lu}[\\p{L}\\p{M}-]{1,30} ){0,2}[\\p{L}][\\p{L}\\p{M}-]{1,30})['’]s (?:${relatives})\\b`,
  'gu',
);
/** "Good day, Lotus Clinic": a house is nobody. */
const house =
  /^ (?:clinics?|hospitals?|dental|health|healthcare|medical|care|cent(?:re|er)|labs?|diagnostics?|salon)\b/i;
const behind = /^(?:,| ji\b|[.!?]|$)/;
/** Two words that a sentence ends with. */
const endsHere = /^(?:[.,!?]|$| (?:and|please|tomorrow|today|on|at)\b)/i;
const vocative = /^\s{0,2}(?=\p{Lu}[\p{L}'’-]{1,30}(?: \p{Lu}[\p{L}'’-]{1,30})?,)/u;

/** The patient's name as an agent asks for it to be confirmed ("am I speaking with Anita Desai?"). */
export function findIdentityAsked(text: string): Found[] {
  if (!text.includes('?')) return [];
  const whole = namesAfter(text, asksWhether, false).filter(({ value }) => value.includes(' '));
  return [...namesAfter(text, asksWhom, isLower(text)), ...whole];
}

/** Names that an agent calls the other party by, or reads from its books. Errs on the side of finding. */
export function findAddressed(text: string): Found[] {
  const alone = (name: Found) => behind.test(text.slice(name.end, name.end + 4));
  const called = namesAfter(text, salutation, isLower(text)).filter(
    (name) => /^\p{Lu}/u.test(name.value) || alone(name),
  );
  const lightly = namesAfter(text, lightSalutation, isLower(text)).filter(alone);
  const first = vocative.exec(text);
  const ahead = first ? nameAt(text, first[0].length, false) : null;
  return [
    ...findIdentityAsked(text),
    ...called,
    ...lightly,
    ...namesAfter(text, entry, false),
    ...(ahead ? [ahead] : []),
  ];
}

/** Names of others that a caller speaks of; of lower-case ones those that two words can only be. */
export function findSpokenOf(text: string): Found[] {
  const others = namesAfter(text, spokenOf, isLower(text)).filter(
    ({ value, end }) =>
      /^\p{Lu}/u.test(value) || (value.includes(' ') && endsHere.test(text.slice(end, end + 10))),
  );
  const owners = allMatches(text, possessor).flatMap(
    ({ 1: owner = '', index }) => nameAt(text, index, owner === owner.toLowerCase()) ?? [],
  );
  return [...others, ...owners];
}

function namesAfter(text: string, cue: RegExp, lower: boolean): Found[] {
  return allMatches(text, cue).flatMap((match) => {
    const at = match.index + match[0].length;
    const name = /^(?:dr\b|doctor\b)/i.test(text.slice(at, at + 7)) ? null : nameAt(text, at, lower);
    return name && !house.test(text.slice(name.end, name.end + 16)) ? [name] : [];
  });
}
