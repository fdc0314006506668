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
  15: 'fifteen',
  30: 'thirty',
  45: 'forty five',
};

/** A day within the next fortnight and a quarter of an hour of a clinic's day. */
export function makeWish(random: Random, atMs: number, timeZone: string): Wish {
  const today = localDay(atMs, timeZone);
  const ahead = random.between(1, 13);
  const day = new Date(today + ahead * 86_400_000);
  const hours = random.between(9, 18);
  const minutes = random.pick([0, 0, 15, 30, 30, 45]);
  const weekday = weekdays[day.getUTCDay()] ?? '';
  const dated = `${months[day.getUTCMonth()]} ${ordinal(day.getUTCDate())}`;
  return {
    date: day.toISOString().slice(0, 10),
    time: `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`,
    day: sayDay(random, ahead, weekday, day.getUTCDate(), dated),
    hour: sayHour(random, hours, minutes),
    spokenDay: ahead === 1 ? 'tomorrow' : `${weekday}, ${dated}`,
    spokenHour: `${hours % 12 || 12}${minutes ? `:${minutes}` : ''} ${hours < 12 ? 'AM' : 'PM'}`,
  };
}

function sayDay(random: Random, ahead: number, weekday: string, date: number, dated: string): string {
  if (ahead === 1) return 'tomorrow';
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
    `${small}${minutes ? `:${minutes}` : ''} ${half}`,
    `${word}${minutes ? ` ${minuteWords[minutes]}` : ''} ${part}`,
  ];
  if (minutes === 30) forms.push(`half past ${word} ${part}`);
  if (minutes === 15) forms.push(`quarter past ${word} ${part}`);
  if (minutes === 45 && hours !== 11 && hours !== 12) forms.push(`quarter to ${next} ${part}`);
  if (minutes === 0) forms.push(`${word} o'clock ${part}`);
  return random.pick(forms);
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
