import { instantOfWall } from '@switchboard/domain/periods/zone';

/** How dates are written that are not ISO. */
export type DateOrder = 'iso' | 'dmy';

/** What a cell means. */
export type CellForm = 'text' | 'word' | 'time' | 'date' | 'whole' | 'decimal' | 'flag' | 'phones';

export interface CellContext {
  /** IANA name: of times without an offset. */
  timeZone: string;
  dates: DateOrder;
}

/** A value of JSON, or what is wrong with the cell and what would be right; the cell itself is in neither. */
export type Converted = { value: unknown } | { message: string; fix: string };

/** Reads a cell that is not empty. */
export function convertCell(cell: string, form: CellForm, context: CellContext): Converted {
  switch (form) {
    case 'text':
      // A character that no text of Postgres has.
      return { value: cell.replaceAll('\0', '') };
    case 'word':
      return { value: cell.toLowerCase().replaceAll(/[\s-]+/g, '_') };
    case 'phones':
      return { value: splitPhones(cell) };
    case 'whole':
      return numberOf(cell, /^[+-]?\d{1,15}$/, 'is not a whole number', 'Write digits only, e.g. 15.');
    case 'decimal':
      return numberOf(cell, /^\d{1,12}(?:\.\d{1,4})?$/, 'is not an amount', 'Write it like 800 or 800.50.');
    case 'flag': {
      const value = flags[cell.toLowerCase()];
      return value === undefined ? { message: 'is not yes or no', fix: 'Write yes or no.' } : { value };
    }
    case 'date': {
      const date = dateOf(cell, context.dates);
      return date ? { value: isoDate(date) } : { message: 'is not a date', fix: dateFix(context.dates) };
    }
    case 'time': {
      const at = timeOf(cell, context);
      if (at !== undefined) return { value: new Date(at).toISOString() };
      return {
        message: 'is not a time',
        fix: `${dateFix(context.dates)} Then the time, e.g. 16:30, and an offset where it is not the clinic’s own.`,
      };
    }
  }
}

const flags: Readonly<Record<string, boolean>> = {
  yes: true,
  y: true,
  true: true,
  1: true,
  no: false,
  n: false,
  false: false,
  0: false,
};

function splitPhones(cell: string): string[] {
  return cell
    .split(/[;|]/)
    .map((part) => part.trim())
    .filter(Boolean);
}

function numberOf(cell: string, form: RegExp, message: string, fix: string): Converted {
  return form.test(cell) ? { value: Number(cell) } : { message, fix };
}

function dateFix(dates: DateOrder): string {
  return dates === 'iso'
    ? 'Write it as 2026-11-24, or give --dates dmy for 24/11/2026.'
    : 'Write it as 24/11/2026 or 2026-11-24.';
}

type CalendarDate = readonly [year: number, month: number, day: number];

function dateOf(text: string, dates: DateOrder): CalendarDate | undefined {
  const iso = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  const dmy = dates === 'dmy' ? /^(\d\d?)[/.-](\d\d?)[/.-](\d{4})$/.exec(text) : null;
  const parts = iso ? [iso[1], iso[2], iso[3]] : dmy ? [dmy[3], dmy[2], dmy[1]] : [];
  const [year = 0, month = 0, day = 0] = parts.map(Number);
  const at = new Date(Date.UTC(year, month - 1, day));
  const exists = year > 0 && at.getUTCMonth() === month - 1 && at.getUTCDate() === day;
  return exists ? [year, month, day] : undefined;
}

function isoDate([year, month, day]: CalendarDate): string {
  return [String(year).padStart(4, '0'), String(month).padStart(2, '0'), String(day).padStart(2, '0')].join(
    '-',
  );
}

const offsetForm = /^(.*\d)\s*(Z|[+-]\d\d:?\d\d)$/i;
const timeForm = /^(\d\d?):(\d\d)(?::(\d\d)(?:\.\d+)?)?\s*([ap])?\.?m?\.?$/i;

/** Unix ms; undefined: not a time. A date alone is the day's first instant. */
function timeOf(cell: string, { timeZone, dates }: CellContext): number | undefined {
  const [, local = cell, offset] = /:/.test(cell) ? (offsetForm.exec(cell) ?? []) : [];
  const [, day = '', clock] = /^(\S+?)(?:[T\s]+(\d.*))?$/.exec(local) ?? [];
  const date = dateOf(day, dates);
  const ofDay = clock === undefined ? 0 : timeOfDay(clock);
  if (!date || ofDay === undefined) return undefined;
  const [year, month, dayOfMonth] = date;
  const wall = Date.UTC(year, month - 1, dayOfMonth) + ofDay;
  return offset === undefined ? instantOfWall(wall, timeZone) : wall - offsetOf(offset);
}

function timeOfDay(text: string): number | undefined {
  const [, hours, minutes, seconds = '0', half] = timeForm.exec(text) ?? [];
  let hour = Number(hours);
  if (half) {
    if (hour < 1 || hour > 12) return undefined;
    hour = (hour % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
  }
  const valid = hour <= 23 && Number(minutes) <= 59 && Number(seconds) <= 59;
  return valid ? ((hour * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000 : undefined;
}

function offsetOf(text: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(text) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000;
}
