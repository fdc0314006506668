import type { DateTime } from 'luxon';
import { hindiWeekdays, months, teens, units, weekdays } from './date-words.ts';
import { findAll, type Pattern, toNumber } from './patterns.ts';
import type { Found } from './types.ts';

/** What a date is counted from. */
export interface DateContext {
  /** The call's day in the clinic's zone, as midnight UTC: days are counted, not hours. */
  today: DateTime;
  /** 3/4 is March 4th, as in the United States. */
  monthFirst: boolean;
}

/** "10 may be better" is no day in May. */
const may = 'may(?! (?:be|have|not|work|i|we|you|she|he|they|suit|also|need|come|take|seem)\\b)';
const month = `(?:${months.map((one) => (one === 'may' ? may : one)).join('|')}|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\\b\\.?`;
const weekday = `(?:${weekdays.join('|')}|${Object.keys(hindiWeekdays).join('|')}|mon|tues?|weds?|thurs?|fri)\\b`;
const ordinal = `(?:\\d{1,2}\\s?(?:st|nd|rd|th)|(?:twenty|thirty)[ -](?:${units.join('|')})|twentieth|thirtieth|${[...units, ...teens].join('|')})\\b`;
const day = `(?:${ordinal}|(?:0?[1-9]|[12]\\d|3[01])(?![\\d:]))`;
const year = `(?:19|20)\\d{2}`;
const number = `(?:\\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|ek|do|teen|char|chaar|paanch)`;
const re = (source: string) => new RegExp(`\\b(?:${source})`, 'gi');

const patterns: readonly Pattern<DateContext>[] = [
  {
    pattern: re(`(${year})-(\\d{1,2})-(\\d{1,2})\\b`),
    resolve: (m) => iso(Number(m[1]), Number(m[2]), Number(m[3])),
  },
  {
    pattern: re(`(\\d{1,2})([/.-])(\\d{1,2})\\2(${year}|\\d{2})\\b`),
    resolve: (m, { monthFirst }) => {
      const [first, second] = [Number(m[1]), Number(m[3])];
      const years = fullYear(m[4] ?? '');
      return (
        (monthFirst ? iso(years, first, second) : iso(years, second, first)) ?? iso(years, first, second)
      );
    },
  },
  {
    pattern: re(`(?:(?:${weekday})[, ]{1,2}(?:the )?)?(${month})(?: the)? (${day})(?:,? (${year}))?`),
    resolve: (m, context) => dayOfMonth(toDay(m[2]), toMonth(m[1]), m[3], context),
  },
  {
    pattern: re(`(?:(?:${weekday})[, ]{1,2})?(?:the )?(${day})(?: of)?[ -](${month})(?:,?[ -](${year}))?`),
    resolve: (m, context) => dayOfMonth(toDay(m[1]), toMonth(m[2]), m[3], context),
  },
  {
    pattern: re(`(?:the )?(${ordinal})(?: day)? of (this|the|next|the coming) month\\b`),
    resolve: (m, { today }) => {
      const start = today.startOf('month').plus({ months: m[2]?.toLowerCase() === 'next' ? 1 : 0 });
      return iso(start.year, start.month, toDay(m[1]) ?? 0);
    },
  },
  {
    pattern: re(
      `(?:(?:on|for|by|it) )?(the )(${ordinal})(?! (?:of|floor|street|avenue|time|one|visit|option|appointment|slot|dose|week|cross|main|block|sector|opening|available|doctor))`,
    ),
    resolve: (m, { today }) =>
      isCount(m[2] ?? '', m.input.slice(m.index + m[0].length, m.index + m[0].length + 20))
        ? undefined
        : nextDayOfMonth(toDay(m[2]), today),
    confidence: 0.8,
  },
  {
    pattern: re(
      `(\\d{1,2}\\s?(?:st|nd|rd|th))\\b(?! (?:of|floor|street|avenue|st\\b|ave\\b|time|one|visit|dose|week|cross|main|block|sector))`,
    ),
    resolve: (m, { today }) => nextDayOfMonth(toDay(m[1]), today),
    confidence: 0.75,
  },
  { pattern: re('(?:the )?day after tomorrow\\b|parso(?:n)?\\b'), resolve: (_, { today }) => plus(today, 2) },
  { pattern: re('tomorrow|tmrw|tomorow|tommorow|kal\\b'), resolve: (_, { today }) => plus(today, 1) },
  {
    pattern: re('today\\b|tonight\\b|aaj\\b|this (?:morning|afternoon|evening)\\b'),
    resolve: (_, { today }) => plus(today, 0),
  },
  {
    pattern: re(`(?:last|past|previous) (${weekday})`),
    resolve: (m, { today }) => plus(today, (toWeekday(m[1] ?? '') - today.weekday - 7) % 7 || -7),
    confidence: 0.5,
  },
  { pattern: re('yesterday\\b'), resolve: (_, { today }) => plus(today, -1), confidence: 0.5 },
  {
    pattern: re(`(?:in|after) (?:a|(${number})) (day|week|month)s?\\b(?:(?:'s)? time)?`),
    resolve: (m, { today }) => later(today, m[1] ?? 'one', m[2]),
  },
  {
    pattern: re(`(${number}) (day|week|month)s? (?:from (?:now|today)|later)\\b`),
    resolve: (m, { today }) => later(today, m[1] ?? 'one', m[2]),
  },
  {
    pattern: re(`(${number}) din (?:baad|ke baad)\\b`),
    resolve: (m, { today }) => later(today, m[1] ?? 'one', 'day'),
  },
  {
    pattern: re(
      `(this|the|this coming|coming|upcoming|next|the next|the following|following|agle|is) (${weekday})(?: (this week|next week|ko))?`,
    ),
    resolve: (m, { today }) =>
      onWeekday(today, m[2], /next|following|agle/i.test(`${m[1]} ${m[3] ?? ''}`) ? 'next' : 'coming'),
  },
  {
    pattern: re(`(?:a week (?:from|on) (${weekday})|(${weekday}) week\\b)`),
    resolve: (m, { today }) => onWeekday(today.plus({ weeks: 1 }), m[1] ?? m[2], 'coming'),
  },
  {
    pattern: re(`(${weekday})(?: (?:of )?((?:this|next|the following) week|after next))?`),
    resolve: (m, { today }) => {
      if (m[2] && /after next/i.test(m[2])) return onWeekday(today.plus({ weeks: 1 }), m[1], 'next');
      return onWeekday(today, m[1], m[2] && !/this/i.test(m[2]) ? 'next' : 'coming');
    },
  },
];

/** What any of the patterns needs: most texts have none of it. */
const telling =
  /\d|day|tomor|tomm|tmrw|tonight|this (?:morn|aft|even)|week|month|\b(?:mon|tues?|weds?|thurs?|fri|kal|parson?|aaj|din)\b|w?v?aa?r\b|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|(?:fir|1)st\b|second\b|third\b|(?:[a-z]th|ieth)\b/i;

/** Days named in a text, normalised to ISO dates relative to the call's day; without one when it does not exist. */
export function findDates(text: string, context: DateContext): Found[] {
  return telling.test(text) ? findAll(text, patterns, context).map(withoutLeadIn) : [];
}

/** Days with a year in a text that lie in the past: what a birth date looks like. */
export function findBirthDates(text: string, context: DateContext): Found[] {
  const dated = patterns.slice(0, 4);
  return findAll(text, dated, context)
    .map(withoutLeadIn)
    .filter(
      ({ value, normalised }) => /\d{4}|\d[/.-]\d{2}$/.test(value) && isBirthDate(normalised, context.today),
    );
}

function isBirthDate(date: string | null, today: DateTime): boolean {
  return date !== null && date <= (plus(today, 0) ?? '') && date > '1900';
}

function withoutLeadIn(found: Found): Found {
  const lead = /^(?:on|for|by|it) /i.exec(found.value)?.[0].length ?? 0;
  return { ...found, start: found.start + lead, value: found.value.slice(lead) };
}

function dayOfMonth(
  days: number | null,
  monthNumber: number,
  years: string | undefined,
  { today }: DateContext,
) {
  if (days === null) return undefined;
  if (years) return iso(Number(years), monthNumber, days);
  const thisYear = iso(today.year, monthNumber, days);
  const longPast = thisYear !== null && thisYear < (plus(today, -60) ?? '');
  return longPast ? iso(today.year + 1, monthNumber, days) : thisYear;
}

/** The next day of that number: not every month has a 31st. */
function nextDayOfMonth(days: number | null, today: DateTime): string | null {
  if (days === null) return null;
  for (let ahead = days < today.day ? 1 : 0; ahead <= 2; ahead++) {
    const from = today.startOf('month').plus({ months: ahead });
    const date = iso(from.year, from.month, days);
    if (date) return date;
  }
  return null;
}

/** "The second doctor", "the first available": in words, and counting what follows. */
function isCount(said: string, behind: string): boolean {
  return (
    /^[a-z]/i.test(said) &&
    !/^(?:$|[,.?!;]| (?:at|in the|and|or|please|would|works?|if|around|after|before|then|instead|morning|afternoon|evening|for|with|is|will|should|do|by|from|ko)\b)/i.test(
      behind,
    )
  );
}

function later(today: DateTime, amount: string, unit: string | undefined): string | null {
  const count = toNumber(amount);
  if (count === null) return null;
  const unitName = unit?.toLowerCase();
  return today
    .plus(unitName === 'week' ? { weeks: count } : unitName === 'month' ? { months: count } : { days: count })
    .toISODate();
}

/** The weekday of the coming seven days, or of the next week as it begins on Monday. */
function onWeekday(today: DateTime, name: string | undefined, which: 'coming' | 'next'): string | null {
  const number = toWeekday(name ?? '');
  if (which === 'next') return plus(today.startOf('week'), 6 + number);
  return plus(today, (number - today.weekday + 7) % 7 || 7);
}

function toWeekday(name: string): number {
  const lower = name.toLowerCase();
  const index = weekdays.findIndex((one) => one.startsWith(lower.slice(0, 3)));
  return hindiWeekdays[lower] ?? index + 1;
}

function toMonth(name: string | undefined): number {
  return months.findIndex((one) => one.startsWith(name?.slice(0, 3).toLowerCase() ?? '?')) + 1;
}

function toDay(text: string | undefined): number | null {
  const lower = text?.toLowerCase() ?? '';
  const digits = /^\d{1,2}/.exec(lower)?.[0];
  if (digits) return Number(digits);
  const [tens, unit] = lower.split(/[ -]/);
  if (unit) return (tens === 'thirty' ? 30 : 20) + units.indexOf(unit) + 1;
  if (lower === 'twentieth' || lower === 'thirtieth') return lower === 'twentieth' ? 20 : 30;
  const at = units.indexOf(lower);
  return at >= 0 ? at + 1 : teens.includes(lower) ? teens.indexOf(lower) + 10 : null;
}

function fullYear(digits: string): number {
  const value = Number(digits);
  return value >= 100 ? value : value + (value > 40 ? 1900 : 2000);
}

/** Days of UTC are all of one length: a zone's arithmetic costs many times as much. */
function plus(from: DateTime, days: number): string | null {
  const date = new Date(Date.UTC(from.year, from.month - 1, from.day + days));
  return Number.isNaN(date.getTime()) ? null : date.toISOString().slice(0, 10);
}

function iso(years: number, monthNumber: number, days: number): string | null {
  const date = new Date(Date.UTC(years, monthNumber - 1, days));
  if (date.getUTCMonth() !== monthNumber - 1 || date.getUTCDate() !== days) return null;
  return date.toISOString().slice(0, 10);
}
