import { DateTime } from 'luxon';
import { months } from '../extraction/date-words.ts';
import { findDates } from '../extraction/find-dates.ts';
import { toNumber } from '../extraction/patterns.ts';
import { addDays, isLocalDate, type LocalDate, startOfWeek } from '../periods/local-date.ts';

export interface Days {
  from: LocalDate;
  to: LocalDate;
}

const weekday = '(?:mon|tues|wednes|thurs|fri|satur|sun)day';
/** What ties two days to one span. */
const tie = /\b(?:or|and|to|till|until|through|ya|se)\b|[–-]/i;

/** The days that somebody names; undefined: none. @param today on the clinic's calendar */
export function readDays(said: string, today: LocalDate, monthFirst: boolean): Days | undefined {
  const plain = said.trim().slice(0, 10);
  if (isLocalDate(plain)) return { from: plain, to: plain };
  const text = said.replace(new RegExp(`\\bnext week,?(?: on)? (${weekday})\\b`, 'i'), '$1 next week');
  const span = readSpan(text, today);
  if (span) return span;
  const found = findDates(text, { today: DateTime.fromISO(today, { zone: 'utc' }), monthFirst });
  const dates = found.flatMap(({ normalised }) =>
    normalised !== null && isLocalDate(normalised) ? [normalised] : [],
  );
  const [first] = dates;
  if (first === undefined) return readMonth(text, today);
  const [start, end] = [found[0]?.end ?? 0, found[1]?.start ?? 0];
  const sorted = dates.toSorted();
  if (dates.length < 2 || !tie.test(text.slice(start, end))) return { from: first, to: first };
  return { from: sorted[0] ?? first, to: sorted.at(-1) ?? first };
}

/** A text without the days that it names: a number in them is no hour. */
export function withoutDays(said: string, today: LocalDate, monthFirst: boolean): string {
  const context = { today: DateTime.fromISO(today, { zone: 'utc' }), monthFirst };
  return findDates(said, context).reduceRight(
    (text, { start, end }) => `${text.slice(0, start)} ${text.slice(end)}`,
    said,
  );
}

function readSpan(text: string, today: LocalDate): Days | undefined {
  const monday = startOfWeek(today, 1);
  const says = (words: RegExp) => words.test(text);
  if (says(/\bnext weekend\b/i)) return { from: addDays(monday, 12), to: addDays(monday, 13) };
  if (says(/\bweekends?\b/i)) return { from: later(addDays(monday, 5), today), to: addDays(monday, 6) };
  if (says(/\bend of (?:the|this) week\b/i))
    return { from: later(addDays(monday, 3), today), to: addDays(monday, 5) };
  const isOneDay = says(new RegExp(`${weekday}|va+r\\b`, 'i'));
  if (!isOneDay && says(/\bthis week\b|\bis hafte\b/i)) return { from: today, to: addDays(monday, 6) };
  if (!isOneDay && says(/\bnext week\b|\bagle hafte\b/i))
    return { from: addDays(monday, 7), to: addDays(monday, 13) };
  const within =
    /\bwithin (?:a|the next|(\w+)) ?(day|week)s?\b|\bnext (few|couple of|\w+) (days|weeks)\b/i.exec(text);
  if (!within) return undefined;
  const [, count = 'one', , next, unit = within[2]] = within;
  const many =
    next === undefined ? toNumber(count) : /few/i.test(next) ? 3 : /couple/i.test(next) ? 2 : toNumber(next);
  return many === null
    ? undefined
    : { from: today, to: addDays(today, many * (/week/i.test(unit ?? '') ? 7 : 1)) };
}

/** "Next month", "some time in January". */
function readMonth(text: string, today: LocalDate): Days | undefined {
  const now = DateTime.fromISO(today, { zone: 'utc' });
  const isNext = /\bnext month\b|\bagle mahine\b/i.test(text);
  if (isNext || /\bthis month\b|\bis mahine\b/i.test(text))
    return monthOf(now.plus({ months: isNext ? 1 : 0 }), today);
  const named = new RegExp(`\\bin (${months.join('|')})\\b`, 'i').exec(text)?.[1];
  if (named === undefined) return undefined;
  const month = months.indexOf(named.toLowerCase()) + 1;
  return monthOf(now.set({ day: 1, month, year: now.year + (month < now.month ? 1 : 0) }), today);
}

function monthOf(month: DateTime, today: LocalDate): Days {
  const [first, last] = [month.startOf('month'), month.endOf('month')].map((day) => day.toISODate() ?? today);
  return { from: later(first ?? today, today), to: last ?? today };
}

function later(one: LocalDate, other: LocalDate): LocalDate {
  return one.localeCompare(other) < 0 ? other : one;
}
