import { nameKey, normaliseName } from '../names.ts';
import { allMatches } from './patterns.ts';
import type { Found } from './types.ts';
import { functionWords, notNames } from './words.ts';

const word = "[\\p{L}][\\p{L}\\p{M}'’-]{0,30}";
const following = new RegExp(
  `^[ ,]{0,2}(?:(?:dr|mr|mrs|ms|smt)\\.? |doctor |miss |shri )?((?:${word}\\.?[ ]?){1,4})`,
  'iu',
);
export const relatives =
  'son|daughter|wife|husband|mother|father|mom|mum|dad|kid|child|baby|brother|sister|grandmother|grandfather|grandson|granddaughter|uncle|aunt|nephew|niece|friend|beti|beta|maa|papa|pati|patni|bhai|behen';

/** Cues before a name of the caller; strong ones hold for lower-case names too. */
const strongCue =
  /\b(?:my (?:full |first |last |good )?names?(?:'s)?(?: is| are)?|(?:the |patient'?s? |his |her )?name(?:'s| is| would be| should be)|(?:mera |patient ka |naam )?naam|under the name(?: of)?|name(?= \p{L}+ \p{L}+ (?:age|phone|mobile|number)\b)|appointment (?:is )?(?:for|under) (?=[A-Z]))[: ,?]{1,2}(?:is |it'?s )?/giu;
const weakCue = /\b(?:this is|i am|i['’]?m|main)\s(?:actually |mr\.? |mrs\.? |ms\.? )?/giu;
/** "It's Pune" answers many questions; only a greeting before or the name's question make it a name. */
const openingCue =
  /^\W{0,3}(?:hi|hello|hey|good (?:morning|afternoon|evening)|namaste)\b[ ,.!]{0,3}(?:there[ ,]{1,2})?it['’]?s\s/iu;
/** Two words of a lower-case text that can only be a name: what follows begins anew. */
const loneName = new RegExp(
  `^(?:${word} (?:here|speaking|this side)|${word} ${word}(?: (?:here|speaking|this side|and|i|i'm|i've|can|could|my|please|calling|from|are|is|your|the|what|when|where|how|why|do|does|did|have|has|will|would|we|need|want|about|regarding|ji|hai|main|mujhe)\\b|[,.]?$))`,
  'iu',
);
const relativeCue = new RegExp(
  `\\b(?:my|our|meri|mere|mera|his|her) (?:little |elder |younger |older )?(?:${relatives})(?:'s name is|,? named|,? called| is|,)? `,
  'giu',
);
const ofRelative = new RegExp(`^['’]s (?:${relatives})[ ,]{1,2}`, 'iu');
/** What follows a relative's name in a text without capitals. */
const relativeGoesOn = /^(?: (?:has|is|needs|wants|had|was|who|ko|ka|ki|ke)\b|[,.!?]|$)/i;
const speaking = /(?<= )(?:here|speaking|this side|bol rah[ai])\b(?! (?:for|to|in|since|with|at|about)\b)/gi;
/** What may stand between a sentence's beginning and "Priya here". */
const greeting =
  /^(?:(?:hi|hello|hey|yes|yeah|haan|ji|ok|okay|oh|um|uh|namaste|good|morning|afternoon|evening|there|this|is|it'?s|i'?m|i|am|main|mr|mrs|ms|miss|dr)\b[., ]*)*/i;
const notACaller =
  /\b(?:doctor|dr|dentist|physician|clinic|company|insurance|medicine|salon|hospital)(?:'?s)?\.? $/i;
const capital = /(?!\bI\b)\p{Lu}/u;
const answerLead =
  /^\W{0,4}(?:(?:yes|yeah|yep|sure|ok|okay|oh|hi|hello|well|um|uh|of course|certainly|haan|ji|no|so)[ ,.!]{1,3}){0,3}(?:(?:it|this|that)(?:['’]?s| is) |i['’]?m |i am |for |naam )?/i;

/** Whether an agent's turn asks for the patient's name. */
export function asksName(text: string): boolean {
  return /\bname\b[^.!]{0,60}\?|\b(?:your|patient'?s?|full|first|last) (?:full |first |last |good )?name\b|who(?:m)? (?:am i|is this|should|is the appointment|is the patient|is it for)|\bwhose (?:appointment|name)|\bwho(?:m)? (?:is|would) .{0,40}\bfor\b|naam/i.test(
    text,
  );
}

/** A text without capitals but the word "I", as recognisers write that know none. */
export function isLower(text: string): boolean {
  return !capital.test(text);
}

/** Names that a caller gives as theirs or the patient's. `asked`: the agent had just asked for it. */
export function findCallerNames(text: string, asked: boolean): Found[] {
  const found: Found[] = [];
  const lowerText = isLower(text);
  for (const match of allMatches(text, strongCue)) {
    if (!notACaller.test(text.slice(Math.max(0, match.index - 12), match.index)))
      add(match.index + match[0].length, 0.9, true, true);
  }
  for (const match of allMatches(text, weakCue)) {
    const at = match.index + match[0].length;
    const lower = lowerText && loneName.test(text.slice(at, at + 80));
    // Of a lower-case text one word alone is seldom a name: "this is extremely urgent and …".
    if (!lower || isWholeName(nameAt(text, at, true), text)) add(at, 0.8, lower, false);
  }
  const opening = openingCue.exec(text.slice(0, 80));
  if (opening) add(opening[0].length, 0.8, lowerText, false);
  for (const match of allMatches(text, speaking)) addSpeaker(match.index);
  if (found.length === 0 && asked) {
    const at = answerLead.exec(text)?.[0].length ?? 0;
    add(at, 0.75, wordCount(text) <= 4 || loneName.test(text.slice(at, at + 80)), wordCount(text) <= 6);
  }
  return found.filter((one, at) => found.findIndex((other) => other.start === one.start) === at);

  function add(at: number, confidence: number, lower: boolean, sure: boolean) {
    if (/^(?:dr\b|doctor\b)/i.test(text.slice(at, at + 7))) return;
    const name = nameAt(text, at, lower, sure);
    if (!name) return;
    const relative = ofRelative.exec(text.slice(name.end, name.end + 30));
    const own = relative ? nameAt(text, name.end + relative[0].length, lower, sure) : name;
    if (own) found.push({ ...own, confidence });
  }

  function addSpeaker(end: number) {
    const before = text.slice(Math.max(0, end - 60), end);
    const from = Math.max(...[...before.matchAll(/[.,?!;] /g)].map(({ index }) => index + 2), 0);
    const lead = greeting.exec(before.slice(from))?.[0].length ?? 0;
    const name = before.slice(from + lead).trim();
    const words = name.split(' ');
    if (!name || words.length > 3 || (end > 60 && from === 0)) return;
    if (words.some((one) => notNames.has(plainWord(one)))) return;
    add(end - before.length + from + lead, 0.8, true, false);
  }
}

/**
 * Names of people that the caller arranges something for ("my son Aarav"). Without capitals only where what follows shows
 * that it was a name; `lenient`, for hiding, takes any word that may be one.
 */
export function findRelativeNames(text: string, lenient = false): Found[] {
  const lowerText = isLower(text);
  return allMatches(text, relativeCue).flatMap((match) => {
    const name = nameAt(text, match.index + match[0].length, lowerText, false);
    if (!name) return [];
    const sure = /^\p{Lu}/u.test(name.value) || relativeGoesOn.test(text.slice(name.end, name.end + 12));
    // "My daughter is hurt" names nobody; two words might.
    const isCopula = / is $/i.test(match[0]) && !/^\p{Lu}/u.test(name.value);
    if (isCopula) return lenient && name.value.includes(' ') ? [name] : [];
    const participle = /(?:ing|ed|ly)$/.test(name.value);
    return (sure && !participle) || lenient ? [name] : [];
  });
}

/** The name that begins at a place: capitalised words, or when `lower` up to two words that can't be others. */
export function nameAt(text: string, at: number, lower: boolean, sure = false): Found | null {
  const rest = text.slice(at, at + 120);
  const match = following.exec(rest);
  if (!match?.[1]) return null;
  const offset = match[0].length - match[1].length;
  const words: string[] = [];
  for (const one of match[1].split(' ').filter(Boolean)) {
    const bare = one.replace(/[.'’-]+$/, '').replace(/['’]s$/i, '');
    const capital = /^\p{Lu}/u.test(bare);
    if (!bare || isOrdinary(bare, sure && (words.length === 0 || capital))) break;
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

function isWholeName(name: Found | null, text: string): boolean {
  if (!name) return false;
  return (
    name.value.includes(' ') || /^ (?:here|speaking|this side)\b/i.test(text.slice(name.end, name.end + 12))
  );
}

function isOrdinary(bare: string, sure: boolean): boolean {
  return (sure ? functionWords : notNames).has(plainWord(bare));
}

function plainWord(text: string): string {
  return text.toLowerCase().replace(/['’]/g, '');
}

function wordCount(text: string): number {
  return text.slice(0, 200).trim().split(/\s+/).length;
}
