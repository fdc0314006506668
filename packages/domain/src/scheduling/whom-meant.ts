import { romanise } from '../devanagari.ts';
import { specialties } from '../extraction/words.ts';
import { nameTokens } from '../names.ts';
import { type KnownColleague, namedAsHeard } from './as-heard.ts';

/** What a visit is for, with the field that sees to it. */
const complaints: readonly (readonly [RegExp, string])[] = [
  [/\b(?:skin|rash|acne|hair ?fall|twacha|tvacha)\b/i, 'dermatology'],
  [/\b(?:tooth|teeth|dental|gums?|daant|dant)\b/i, 'dentistry'],
  [/\b(?:heart|dil)\b/i, 'cardiology'],
  [/\b(?:bones?|joints?|knees?|back ?pain|fracture|haddi)\b/i, 'orthopaedics'],
  [/\b(?:child(?:ren)?|kids?|baby|babies|bachch?[ao]n?)\b/i, 'paediatrics'],
  [/\b(?:eyes?|aankh)\b/i, 'ophthalmology'],
  [/\b(?:ears?|nose|throat|kaan|gala)\b/i, 'ENT'],
];
const anybody =
  /\b(?:any(?:one|body)?|whoever|who ever|no preference|does ?n[o']?t matter|first available|next available|koi bhi)\b/i;
/** What is left of "any doctor" is nobody's name. */
const noName =
  /^(?:a|an|any|the|doctor|doctors|dr|somebody|someone|please|is|fine|available|lady|male|female|good)$/i;

const beforeName = /\b(?:with|by|but|except|than|from|not|dr|doctor)\b\.?/i;
const except = /\b(?:but|except|other than|apart from|not)\b/i;

export interface Meant<C> {
  /** Best first; none where it tells nobody. */
  people: C[];
  /** One of them is asked for, by a name as it was heard; otherwise whoever of them has time. */
  byName: boolean;
}

/** Whom somebody asks for: by name as it was heard, by field ("the skin doctor", "heart specialist"), or anybody. */
export function whomMeant<C extends KnownColleague>(heard: string, colleagues: readonly C[]): Meant<C> {
  const text = romanise(heard);
  const [words, field] = [nameTokens(text), fieldOf(text)];
  const isAnybody = field === undefined && anybody.test(text);
  const all = { people: [...colleagues], byName: false };
  if (field === undefined && words.length > 0 && words.every((word) => noName.test(word))) return all;
  // "Any time with Dr. Mehta" names somebody.
  const named = namedAsHeard(isAnybody ? (text.split(beforeName).at(-1) ?? '') : text, colleagues);
  if (isAnybody && except.test(text))
    return { ...all, people: colleagues.filter((one) => !named.includes(one)) };
  if (named.length > 0) return { people: named, byName: true };
  return isAnybody ? all : { people: inField(text, colleagues), byName: false };
}

/** Those of a field, as its department or their specialty is called or as callers call it. */
export function inField<C extends KnownColleague>(heard: string, colleagues: readonly C[]): C[] {
  const text = romanise(heard);
  const field = fieldOf(text);
  const isMeant = (name: string) =>
    field === undefined ? namedAsHeard(text, [{ id: name, name }]).length > 0 : fieldOf(name) === field;
  // Many work in few fields.
  const names = new Set(colleagues.flatMap(({ specialty, department }) => [specialty, department]));
  const meant = new Set<string | null>([...names].filter((name) => name !== null && isMeant(name)));
  return colleagues.filter(({ specialty, department }) => meant.has(specialty) || meant.has(department));
}

/** The field a text is about: what the visit is for tells more than "lady doctor". */
function fieldOf(text: string): string | undefined {
  return fields.find(([words]) => words.test(text))?.[1];
}

const fields: readonly (readonly [RegExp, string])[] = [
  ...complaints,
  ...specialties.map(([words, field]) => [new RegExp(words.source, 'i'), field] as const),
];
