import type { Row } from '@switchboard/postgres/rows';

/** Columns as the clinic's system tells them; undefined or null: it doesn't say. */
export type Columns = Readonly<Record<string, unknown>>;

/**
 * A row after what is told of it changed: only columns that are told otherwise than before change, so that what was done
 * here since stays. A column that is told no more, or not yet, has its default.
 * @param stored undefined: a new row
 * @returns undefined where nothing changes
 */
export function overlay(stored: Row | undefined, was: Columns, now: Columns, defaults: Row): Row | undefined {
  const names = stored ? changedColumns(was, now) : Object.keys(now);
  if (stored && names.length === 0) return undefined;
  return {
    ...(stored ?? defaults),
    ...Object.fromEntries(names.map((name) => [name, now[name] ?? defaults[name] ?? null])),
  };
}

/** Columns that are told otherwise than before. */
export function changedColumns(was: Columns, now: Columns): string[] {
  return [...new Set([...Object.keys(was), ...Object.keys(now)])].filter((name) =>
    isOtherwise(name, was, now),
  );
}

/** Whether a column holds something else in one than in the other. */
export function isOtherwise(name: string, one: Columns, other: Columns): boolean {
  return JSON.stringify(normal(one[name])) !== JSON.stringify(normal(other[name]));
}

/** The database and we write the same instant differently. */
function normal(value: unknown): unknown {
  const time =
    typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? (value ?? null) : time;
}
