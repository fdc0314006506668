import { jaroWinkler, nameKey, nameSimilarity, normaliseName, phoneticKey } from '../names.ts';
import { allMatches } from './patterns.ts';
import type { Found, KnownPractitioner } from './types.ts';
import { notNames } from './words.ts';

const word = "[\\p{L}][\\p{L}\\p{M}'’-]{0,30}";
const anyWord = new RegExp(word, 'gu');
const following = new RegExp(
  `^[ ,]{0,2}(?:dr\\.? |doctor |mr\\.? |mrs\\.? |ms\\.? |miss )?((?:${word}\\.?[ ]?){1,4})`,
  'iu',
);
const relatives =
  'son|daughter|wife|husband|mother|father|mom|mum|dad|kid|child|baby|brother|sister|grandmother|grandfather|beti|beta|maa|papa|pati|patni';

/** Cues before a name of the caller; strong ones hold for lower-case names too. */
const strongCue =
  /\b(?:my (?:full |first |last |good )?names?(?:'s)?(?: is| are)?|(?:the |patient'?s? |his |her )?name(?:'s| is| would be| should be)|(?:mera |patient ka )?naam|under the name(?: of)?|appointment (?:is )?(?:for|under) (?=[A-Z]))[: ,]{1,2}(?:is |it'?s )?/giu;
const weakCue = /\b(?:this is|i am|i['’]?m|it['’]?s|main)\s(?:actually |mr\.? |mrs\.? |ms\.? )?/giu;
/** Two words of a lower-case text that can only be a name: what follows begins anew. */
const loneName = new RegExp(
  `^(?:${word} (?:here|speaking|this side)|${word} ${word}(?: (?:here|speaking|this side|and i|i|i'm|i've|can|could|my|please|calling|from)\\b|[,.]?$))`,
  'iu',
);
const relativeCue = new RegExp(
  `\\b(?:my|our|meri|mere) (?:${relatives})(?:'s name is|,? named|,? called|,)? `,
  'giu',
);
const speaking = /(?<= )(?:here|speaking|this side|bol rah[ai])\b/gi;
const wordsBefore = new RegExp(`(?:${word} ){1,3}$`, 'iu');
const notACaller = /\b(?:doctor|dr|dentist|physician|clinic|company|insurance|medicine|salon)(?:'?s)?\.? $/i;
const afterwards = /^[ ,]*(?:is |was )?(?:my|the|an?) (?:old|previous|former|wrong|ex)\b/i;
const negated =
  /\b(?:not|instead of|rather than|other than|previous(?: doctor)?(?: is| was)?|old doctor(?: is| was)?|except|without|anyone but)(?: with| see| seeing| by)? $/i;

/** Whether an agent's turn asks for the patient's name. */
export function asksName(text: string): boolean {
  return /\bname\b[^.!]{0,60}\?|\b(?:your|patient'?s?|full|first|last) (?:full |first |last |good )?name\b|who(?:m)? (?:am i|is this|should|is the appointment)|naam/i.test(
    text,
  );
}

/** Names that a caller gives as theirs or the patient's. `asked`: the agent had just asked for it. */
export function findCallerNames(text: string, asked: boolean): Found[] {
  const found: Found[] = [];
  const isLower = !/\p{Lu}/u.test(text.replace(/\bI\b/g, ''));
  for (const match of allMatches(text, strongCue)) {
    if (!notACaller.test(text.slice(Math.max(0, match.index - 12), match.index)))
      add(match.index + match[0].length, 0.9, true);
  }
  for (const match of allMatches(text, weakCue)) {
    const at = match.index + match[0].length;
    add(at, 0.8, isLower && loneName.test(text.slice(at, at + 80)));
  }
  for (const match of allMatches(text, speaking)) {
    const before = wordsBefore.exec(text.slice(Math.max(0, match.index - 60), match.index))?.[0] ?? '';
    const name = lastWords(before);
    if (name) add(match.index - before.length + before.lastIndexOf(name), 0.8, true);
  }
  if (found.length === 0 && asked) {
    const lead =
      /^\W{0,4}(?:(?:yes|yeah|yep|sure|ok|okay|oh|hi|hello|well|um|uh|of course|certainly|haan|ji)[ ,.!]{1,3}){0,3}(?:(?:it|this|that)(?:['’]?s| is) |i['’]?m |i am )?/i.exec(
        text,
      );
    add(lead?.[0].length ?? 0, 0.75, wordCount(text) <= 4);
  }
  return found;

  function add(at: number, confidence: number, lower: boolean) {
    const name = nameAt(text, at, lower);
    if (name && !/^(?:dr\b|doctor\b)/i.test(text.slice(at, at + 7))) found.push({ ...name, confidence });
  }
}

/** Names of people that the caller arranges something for ("my son Aarav"). */
export function findRelativeNames(text: string): Found[] {
  return allMatches(text, relativeCue).flatMap(
    (match) => nameAt(text, match.index + match[0].length, false) ?? [],
  );
}

/** Practitioners with a title, and those of the clinic whose name is said with or without one. */
export function findPractitioners(text: string, known: readonly KnownPractitioner[]): Found[] {
  const found: Found[] = [];
  for (const match of text.matchAll(/\b(?:dr|doctor|doc|daktar)\b\.? ?/gi)) {
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

/** The name that begins at a place: capitalised words, or when `lower` up to two words that can't be others. */
export function nameAt(text: string, at: number, lower: boolean): Found | null {
  const rest = text.slice(at, at + 120);
  const match = following.exec(rest);
  if (!match?.[1]) return null;
  const offset = match[0].length - match[1].length;
  const words: string[] = [];
  for (const one of match[1].split(' ').filter(Boolean)) {
    const bare = one.replace(/[.'’-]+$/, '').replace(/['’]s$/i, '');
    const capital = /^\p{Lu}/u.test(bare);
    if (!bare || notNames.has(bare.toLowerCase().replace(/['’]/g, ''))) break;
    if (!capital && (!lower || words.length >= 2 || (words.length > 0 && /^\p{Lu}/u.test(words[0] ?? ''))))
      break;
    words.push(bare.length === 1 && one.endsWith('.') && match[1].includes(`${one} `) ? one : bare);
    if (one !== bare && bare.length > 1) break;
  }
  if (words.length === 0 || (words.length === 1 && (words[0]?.length ?? 0) < 2)) return null;
  const value = words.join(' ');
  if (!nameKey(value)) return null;
  return {
    start: at + offset,
    end: at + offset + value.length,
    value,
    normalised: normaliseName(value),
    confidence: 0.8,
  };
}

export function isNegated(text: string, start: number, end: number): boolean {
  return (
    negated.test(text.slice(Math.max(0, start - 40), start)) || afterwards.test(text.slice(end, end + 30))
  );
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

function wordCount(text: string): number {
  return text.slice(0, 200).trim().split(/\s+/).length;
}

/** The words before "here" or "speaking" back to the last one that is no name. */
function lastWords(text: string): string {
  const words = text.trim().split(' ');
  const from = words.findLastIndex((one) => notNames.has(one.toLowerCase().replace(/['’]/g, ''))) + 1;
  return words.slice(from).join(' ');
}
