import { instantOfWall } from '@switchboard/domain/periods/zone';
import type { Random } from './random.ts';

/** A wish for a time, and how people say it. */
export interface Wish {
  /** ISO date. */
  date: string;
  /** HH:MM */
  time: string;
  /** As a caller says the day. */
  day: string;
  /** As a caller says the hour. */
  hour: string;
  /** As an agent repeats them. */
  spokenDay: string;
  spokenHour: string;
}

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = 'January February March April May June July August September October November December'.split(
  ' ',
);
const words = 'twelve one two three four five six seven eight nine ten eleven'.split(' ');
const minuteWords: Readonly<Record<number, string>> = {
  0: '',
  5: 'oh five',
  10: 'ten',
  15: 'fifteen',
  20: 'twenty',
  25: 'twenty five',
  30: 'thirty',
  35: 'thirty five',
  40: 'forty',
  45: 'forty five',
  50: 'fifty',
  55: 'fifty five',
};
const dayMs = 86_400_000;

/** When a practitioner sees patients; weekday 1 is Monday, times are HH:MM of the clinic's wall. */
export interface WorkingHours {
  weekdays: readonly number[];
  starts: string;
  ends: string;
}

/** A day within the next fortnight, likelier soon, and a quarter of an hour at which the practitioner works. */
export function makeWish(
  random: Random,
  atMs: number,
  timeZone: string,
  hours: readonly WorkingHours[],
): Wish {
  const today = localDay(atMs, timeZone);
  const days = Array.from({ length: 13 }, (_, index) => index + 1).filter((ahead) =>
    hours.some(({ weekdays }) => weekdays.includes(isoWeekday(today + ahead * dayMs))),
  );
  const ahead = days[Math.floor(random.next() ** 1.6 * days.length)] ?? 1;
  const day = today + ahead * dayMs;
  const spans = hours.filter(({ weekdays }) => weekdays.includes(isoWeekday(day)));
  const { starts, ends } = random.pick(spans);
  const quarter = random.between(
    Math.ceil(minutesOf(starts) / 15),
    Math.floor((minutesOf(ends) - visitMinutes) / 15),
  );
  return wishAt(random, atMs, timeZone, { date: isoDate(day), minutes: quarter * 15 });
}

/** A visit of a simulated clinic lasts as long, in minutes. */
export const visitMinutes = 20;

/** Whether somebody with these hours works at an instant. */
export function isAtWork(hours: readonly WorkingHours[], atMs: number, timeZone: string): boolean {
  const day = localDay(atMs, timeZone);
  const minutes = (atMs - instantOfWall(day, timeZone)) / 60_000;
  return hours.some(
    ({ weekdays, starts, ends }) =>
      weekdays.includes(isoWeekday(day)) && minutes >= minutesOf(starts) && minutes < minutesOf(ends),
  );
}

/** How people say a time that is known. @param when minutes after midnight of a date */
export function wishAt(
  random: Random,
  atMs: number,
  timeZone: string,
  when: { date: string; minutes: number },
): Wish {
  const day = new Date(`${when.date}T00:00:00Z`);
  const ahead = Math.round((day.getTime() - localDay(atMs, timeZone)) / dayMs);
  const hours = Math.floor(when.minutes / 60);
  const minutes = when.minutes % 60;
  const weekday = weekdays[day.getUTCDay()] ?? '';
  const dated = `${months[day.getUTCMonth()]} ${ordinal(day.getUTCDate())}`;
  return {
    date: when.date,
    time: `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`,
    day: sayDay(random, ahead, weekday, day.getUTCDate(), dated),
    hour: sayHour(random, hours, minutes),
    spokenDay: ahead < 1 ? 'today' : ahead === 1 ? 'tomorrow' : `${weekday}, ${dated}`,
    spokenHour: `${hours % 12 || 12}${digits(minutes)} ${hours < 12 ? 'AM' : 'PM'}`,
  };
}

function sayDay(random: Random, ahead: number, weekday: string, date: number, dated: string): string {
  if (ahead <= 1) return ahead < 1 ? 'today' : 'tomorrow';
  if (ahead === 2 && random.chance(0.5)) return 'the day after tomorrow';
  if (ahead < 7 && random.chance(0.6))
    return random.pick([weekday, `this ${weekday}`, `on ${weekday}`]).replace(/^on /, '');
  return random.pick([`the ${ordinal(date)}`, dated, dated.toLowerCase()]);
}

function sayHour(random: Random, hours: number, minutes: number): string {
  const small = hours % 12 || 12;
  const word = words[hours % 12] ?? String(small);
  const next = words[(hours + 1) % 12] ?? '';
  const part = hours < 12 ? 'in the morning' : hours < 17 ? 'in the afternoon' : 'in the evening';
  const half = hours < 12 ? 'am' : 'pm';
  const forms = [
    `${small}${digits(minutes)} ${half}`,
    `${word}${minutes ? ` ${minuteWords[minutes]}` : ''} ${part}`,
  ];
  if (minutes === 30) forms.push(`half past ${word} ${part}`);
  if (minutes === 15) forms.push(`quarter past ${word} ${part}`);
  if (minutes === 45 && hours !== 11 && hours !== 12) forms.push(`quarter to ${next} ${part}`);
  if (minutes === 0) forms.push(`${word} o'clock ${part}`);
  return random.pick(forms);
}

function digits(minutes: number): string {
  return minutes ? `:${String(minutes).padStart(2, '0')}` : '';
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}

function isoWeekday(day: number): number {
  return new Date(day).getUTCDay() || 7;
}

function isoDate(day: number): string {
  return new Date(day).toISOString().slice(0, 10);
}

const dayFormats = new Map<string, Intl.DateTimeFormat>();

/** Midnight UTC of the local day. */
function localDay(atMs: number, timeZone: string): number {
  const format =
    dayFormats.get(timeZone) ??
    new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  dayFormats.set(timeZone, format);
  const text = format.format(atMs);
  return Date.parse(`${text}T00:00:00Z`);
}

function ordinal(date: number): string {
  const tens = date % 100;
  const end = tens > 10 && tens < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][date % 10] ?? 'th');
  return `${date}${end}`;
}
