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

/**
 * Whom somebody asks for, best first: by name as it was heard, by field ("the skin doctor", "heart specialist"), or
 * anybody. None where it tells nobody.
 */
export function whomMeant<C extends KnownColleague>(heard: string, colleagues: readonly C[]): C[] {
  const text = romanise(heard);
  const [words, field] = [nameTokens(text), fieldOf(text)];
  const isAnybody = field === undefined && (anybody.test(text) || words.every((word) => noName.test(word)));
  if (isAnybody && words.length > 0) return [...colleagues];
  const named = namedAsHeard(text, colleagues);
  return named.length > 0 ? named : inField(text, colleagues);
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
