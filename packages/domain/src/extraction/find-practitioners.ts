import { jaroWinkler, nameKey, nameSimilarity, normaliseName, phoneticKey } from '../names.ts';
import { nameAt } from './find-names.ts';
import { allMatches } from './patterns.ts';
import type { Found, KnownPractitioner } from './types.ts';
import { notNames } from './words.ts';

const title = /\b(?:dr|doctor|doc|daktar)\b\.? ?/gi;
const anyWord = /[\p{L}][\p{L}\p{M}'’-]{0,30}/gu;
const afterwards = /^[ ,]*(?:is |was )?(?:my|the|an?) (?:old|previous|former|wrong|ex)\b/i;
const negated =
  /\b(?:not|instead of|rather than|other than|previous(?: doctor)?(?: is| was)?|old doctor(?: is| was)?|except|without|anyone but)(?: with| see| seeing| by)? $/i;

/** Practitioners with a title, and those of the clinic whose name is said with or without one. */
export function findPractitioners(text: string, known: readonly KnownPractitioner[]): Found[] {
  const found: Found[] = [];
  for (const match of allMatches(text, title)) {
    const name = nameAt(text, match.index + match[0].length, known.length > 0 || /\.|dr/i.test(match[0]));
    if (!name || isNegated(text, match.index, name.end)) continue;
    const one = bestKnown(name.value, known);
    if (!one && name.value === name.value.toLowerCase() && known.length > 0) continue;
    const end = withDegree(text, name.end);
    const value = text.slice(match.index, end);
    found.push({
      start: match.index,
      end,
      value,
      normalised: one?.name ?? normaliseName(name.value),
      confidence: one ? 0.95 : 0.8,
    });
  }
  return found.length > 0 ? found : findKnown(text, known);
}

/** The clinic's practitioner whose name is closest to one as heard; null when none or two are close. */
function bestKnown(heard: string, known: readonly KnownPractitioner[]): KnownPractitioner | null {
  const scored = known
    .map((one) => ({ one, score: nameSimilarity(heard, one.name) }))
    .filter(({ score }) => score >= 0.88)
    .sort((a, b) => b.score - a.score || (a.one.id < b.one.id ? -1 : 1));
  const [first, second] = scored;
  return first && (!second || first.score - second.score > 0.02) ? first.one : null;
}

export function isNegated(text: string, start: number, end: number): boolean {
  return (
    negated.test(text.slice(Math.max(0, start - 40), start)) || afterwards.test(text.slice(end, end + 30))
  );
}

/** Whether a find is called a doctor, and not only bears the name of one. */
export function isTitled({ value }: Found): boolean {
  return /^(?:dr|doctor|doc|daktar)\b/i.test(value);
}

function findKnown(text: string, known: readonly KnownPractitioner[]): Found[] {
  if (known.length === 0) return [];
  const sounds = soundsOf(known);
  const found: Found[] = [];
  for (const match of allMatches(text, anyWord)) {
    const said = match[0].toLowerCase();
    if (said.length < 4 || !sounds.initials.has(initialOf(said)) || notNames.has(said)) continue;
    const one = sounds.byKey
      .get(phoneticKey(said))
      ?.find(({ token }) => jaroWinkler(token, said) >= 0.88)?.one;
    if (!one || isNegated(text, match.index, match.index + said.length)) continue;
    const last = found.at(-1);
    const joins = last && last.normalised === one.name && match.index - last.end <= 1;
    const start = joins ? last.start : match.index;
    const end = match.index + said.length;
    if (joins) found.pop();
    found.push({
      start,
      end,
      value: text.slice(start, end),
      normalised: one.name,
      confidence: joins ? 0.95 : 0.7,
    });
  }
  return found;
}

interface Sounds {
  initials: ReadonlySet<string>;
  /** Words of names that only one practitioner has, by how they sound. */
  byKey: ReadonlyMap<string, readonly { token: string; one: KnownPractitioner }[]>;
}

const soundsOfClinic = new WeakMap<readonly KnownPractitioner[], Sounds>();

/** Computed once per list, since a list serves many calls. */
function soundsOf(known: readonly KnownPractitioner[]): Sounds {
  const held = soundsOfClinic.get(known);
  if (held) return held;
  const words = known.flatMap((one) =>
    (nameKey(one.name)?.split(' ') ?? []).map((token) => ({ token, one })),
  );
  const telling = words.filter(
    ({ token, one }) =>
      token.length > 3 && !words.some((other) => other.token === token && other.one !== one),
  );
  const sounds = {
    initials: new Set(telling.map(({ token }) => initialOf(token))),
    byKey: Map.groupBy(telling, ({ token }) => phoneticKey(token)),
  };
  soundsOfClinic.set(known, sounds);
  return sounds;
}

/** First sound, coarsely: letters that may stand for one another fall together. */
function initialOf(word: string): string {
  return phoneticKey(word.slice(0, 2)).slice(0, 1);
}

function withDegree(text: string, end: number): number {
  return (
    end +
    (/^(?: [A-Z]\.?)?,? (?:MD|DO|DDS|DMD|MBBS|OD|PhD|BDS|MDS|DPM)\b/.exec(text.slice(end, end + 12))?.[0]
      .length ?? 0)
  );
}
