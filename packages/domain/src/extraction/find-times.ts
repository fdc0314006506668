import { findAll, type Pattern, toNumber } from './patterns.ts';
import type { Found } from './types.ts';
import { notNames } from './words.ts';

const hourWord = 'one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve';
const hindiHour =
  'ek|do|teen|tin|chaar|char|paanch|panch|chhe|che|saat|sat|aath|ath|nau|das|dus|gyarah|gyara|barah|bara';
const hour = `(?:1[0-2]|0?[1-9]|${hourWord})`;
const minuteWord =
  "oh five|o'five|twenty[ -]five|thirty[ -]five|forty[ -]five|fifty[ -]five|five|ten|fifteen|twenty|thirty|forty|fifty";
const half = '(?:[ap]\\.?\\s?m\\b\\.?)';
const clock = '(?:\\s?o\\s?[\'’"]?\\s?clock)';
const partOfDay =
  '(?:(?:in|on|during) the )?(?:early |late )?(?:morning|afternoon|evening|night)|at night|tonight';
const tail = `(?:\\s?${half}|${clock}?,? (?:${partOfDay})\\b|${clock}(?:\\s${half})?)`;
const re = (source: string) => new RegExp(`(?<![\\w$₹€£:.-])(?:${source})`, 'gi');

const minutes: Readonly<Record<string, number>> = {
  five: 5,
  ten: 10,
  quarter: 15,
  fifteen: 15,
  twenty: 20,
  half: 30,
  thirty: 30,
  forty: 40,
  fifty: 50,
};

const patterns: readonly Pattern<null>[] = [
  {
    pattern: re(`([01]?\\d|2[0-3])[:.]([0-5]\\d)(${tail})?(?![\\d:/%]|\\.\\d)`),
    resolve: (m) => (m[0].includes('.') && !m[3] ? undefined : toTime(Number(m[1]), Number(m[2]), m[3])),
  },
  {
    pattern: re(`(1[0-2]|0?[1-9]) ([0-5]\\d)(${tail})(?!\\w)`),
    resolve: (m) => toTime(Number(m[1]), Number(m[2]), m[3]),
  },
  { pattern: re(`(${hour})(${tail})(?!\\w)`), resolve: (m) => toTime(toNumber(m[1] ?? ''), 0, m[2]) },
  {
    pattern: re(
      `(half|(?:a )?quarter|five|ten|twenty[ -]five|twenty|[1-5]?[05])(?: minutes)? (past|after|to|till|before) (${hour})(${tail})?(?![\\w:])`,
    ),
    resolve: (m) => {
      const amount = toMinutes(m[1]?.replace(/^a /i, '') ?? '');
      const at = toNumber(m[3] ?? '');
      if (at === null || amount === null) return undefined;
      if (/past|after/i.test(m[2] ?? '')) return toTime(at, amount, m[4]);
      return toTime(at === 1 ? 12 : at - 1, 60 - amount, m[4]);
    },
  },
  {
    pattern: re(
      `(${hourWord})[ -](${minuteWord})(${tail})?(?![\\w-]| (?:minutes|days|weeks|years|dollars|rupees|percent))`,
    ),
    resolve: (m) => toTime(toNumber(m[1] ?? ''), toMinutes(m[2] ?? '') ?? 0, m[3]),
    confidence: 0.8,
  },
  {
    pattern: re(
      `(morning|afternoon|evening|night)(?:,? at|,? around)? (${hour})(?:[:.]([0-5]\\d))?(?![\\d:])(${tail})?`,
    ),
    resolve: (m) => toTime(toNumber(m[2] ?? ''), Number(m[3] ?? 0), `${m[1]} ${m[4] ?? ''}`),
    confidence: 0.8,
  },
  {
    pattern: re('(?:12 )?(noon|midday|midnight)\\b'),
    resolve: (m) => (/night/i.test(m[1] ?? '') ? '00:00' : '12:00'),
  },
  {
    pattern: re(
      `(?:(subah|savere|dopahar|shaam|sham|raat)(?: ke| ko| mein)? )?(?:(saadhe|sadhe|sava|sawa|paune) )?(${hindiHour}|${hour}|dedh|dhai)(?:[:.]([0-5]\\d))? baje`,
    ),
    resolve: (m) => hindiTime(m[1], m[2], m[3] ?? '', m[4]),
  },
];

/** What a number in a street or of things is followed by. */
const noHour =
  /^ ?(?:minutes?|mins?|days?|weeks?|months?|years?|hours?|hrs?|people|persons?|of|times?|st|street|rupees|dollars|pounds|euros|percent|past \d|to \d|tablets?|doses?|kids?|children|patients?|appointments?|or \w+ (?:days?|weeks?|years?|people))\b|^,? (?:[\w'-]+ ){1,3}(?:street|st|avenue|road|rd|drive|lane|marg|nagar|colony|sector|block|layout|cross)\b/i;

/** "For four" may be people: an hour only where the sentence goes on to say when, or ends. */
const endsThere = /^(?:$|[.?!]| ?(?:please|then|tomorrow|today|on \w+day|in the|tonight)\b)/i;

const bare: readonly Pattern<null>[] = [
  {
    pattern: re(
      `(?:at|around|about|by|for|do|say|maybe|make it|it|till|until|to) (?:(?:at|around|about) )?(${hour})(?: ([0-5]\\d))?(?![\\w:/%-]|\\.\\d)`,
    ),
    resolve: (m) => {
      const behind = m.input.slice(m.index + m[0].length, m.index + m[0].length + 60);
      if (noHour.test(behind) || beginsName(behind)) return undefined;
      if (/^(?:for|about|by|do|say|maybe|it|till|until|to)\b/i.test(m[0]) && !endsThere.test(behind))
        return undefined;
      return toTime(toNumber(m[1] ?? ''), Number(m[2] ?? 0), undefined);
    },
    confidence: 0.6,
  },
];

/** "at 4 Hill Road": a capital that no ordinary word has. */
function beginsName(behind: string): boolean {
  const next = /^,? (\p{Lu}[\p{L}'’]*)/u.exec(behind)?.[1];
  return next !== undefined && !notNames.has(next.toLowerCase());
}

const atEnd = new RegExp(`\\b${hour}(?: [0-5]\\d)?$`, 'i');
const answer = new RegExp(
  `^\\W{0,3}(?:(?:um|uh|ok|okay|let'?s say|maybe|at|say|how about)[ ,]{1,2}){0,2}(${hour}(?:[ :.][0-5]\\d)?)(?:\\W|$)`,
  'i',
);

/** What any of the patterns needs: most texts have none of it. */
const telling = new RegExp(`\\d|noon|midday|midnight|baje|\\b(?:${hourWord})\\b`, 'i');

/** Times of day in a text, normalised to `HH:MM`. */
export function findTimes(text: string): Found[] {
  return telling.test(text) ? findAll(text, patterns, null) : [];
}

/**
 * As {@link findTimes}, with bare hours ("at four"), and when `asked` for a time a number at the beginning. Hours without
 * a half of the day are taken to be when clinics are open: 1 to 7 in the afternoon, 8 to 11 in the morning.
 */
export function findSpokenTimes(text: string, asked: boolean): Found[] {
  if (!telling.test(text)) return [];
  const times = findTimes(text);
  if (times.length > 0) return times;
  const found = findAll(text, bare, null).map((one) => {
    const lead = one.value.length - (atEnd.exec(one.value)?.[0].length ?? 0);
    return { ...one, start: one.start + lead, value: one.value.slice(lead) };
  });
  if (found.length > 0 || !asked) return found;
  const match = answer.exec(text);
  const value = match?.[1];
  if (!match || !value) return [];
  const start = match[0].lastIndexOf(value);
  return [
    {
      start,
      end: start + value.length,
      value,
      normalised: toTime(
        toNumber(value.split(/[ :.]/)[0] ?? ''),
        Number(value.split(/[ :.]/)[1] ?? 0),
        undefined,
      ),
      confidence: 0.5,
    },
  ];
}

function toTime(hours: number | null, mins: number, rest: string | undefined): string | null {
  if (hours === null || hours > 23 || mins > 59) return null;
  const tailText = rest?.toLowerCase() ?? '';
  let at = hours;
  if (/a\.?\s?m|morning/.test(tailText)) at = hours % 12 === 0 && hours <= 12 ? 0 : hours;
  else if (/p\.?\s?m\b|p\.\s?m|afternoon|evening/.test(tailText)) at = hours < 12 ? hours + 12 : hours;
  else if (/night/.test(tailText))
    at = hours === 12 ? 0 : hours < 5 ? hours : hours < 12 ? hours + 12 : hours;
  else if (hours >= 1 && hours <= 7) at = hours + 12;
  return `${String(at).padStart(2, '0')}:${String(mins).padStart(2, '0')}`;
}

function toMinutes(text: string): number | null {
  if (/^\d+$/.test(text)) return Number(text);
  const words = text
    .toLowerCase()
    .replace(/^o[h']? ?/, '')
    .split(/[ -]/);
  const values = words.map((word) => minutes[word]);
  return values.reduce<number | null>(
    (sum, value) => (sum === null || value === undefined ? null : sum + value),
    0,
  );
}

function hindiTime(
  part: string | undefined,
  fraction: string | undefined,
  hourText: string,
  digits: string | undefined,
) {
  const halfDay = /subah|savere/i.test(part ?? '')
    ? 'morning'
    : /raat/i.test(part ?? '')
      ? 'night'
      : part
        ? 'afternoon'
        : undefined;
  const lower = hourText.toLowerCase();
  if (lower === 'dedh' || lower === 'dhai') return toTime(lower === 'dedh' ? 1 : 2, 30, halfDay);
  const at = toNumber(lower);
  if (at === null) return undefined;
  if (/saadhe|sadhe/i.test(fraction ?? '')) return toTime(at, 30, halfDay);
  if (/sava|sawa/i.test(fraction ?? '')) return toTime(at, 15, halfDay);
  if (/paune/i.test(fraction ?? '')) return toTime(at === 1 ? 12 : at - 1, 45, halfDay);
  return toTime(at, Number(digits ?? 0), halfDay);
}
