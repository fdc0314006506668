import { z } from 'zod';
import { isJsonObject, type JsonObject } from '../body/parse-json.ts';

/** Before this no call of ours was made; a far date would also open a partition of its own for ever. */
const earliest = Date.UTC(2000, 0, 1);
const dayMs = 24 * 3_600_000;
/** Clocks of vendors run ahead; not by more than this. */
const aheadMs = 2 * dayMs;
/** What is planned lies further ahead, as a yearly check does; a slip of the keys lies further still. */
const plannedAheadMs = 3_653 * dayMs;

const rfc3339 = z.regexes.datetime({ offset: true });
// Custom issues carry what to send instead as `params.fix`.
const notATime = {
  message: 'is not a time',
  params: { fix: 'Send RFC 3339 with offset, e.g. 2026-11-20T10:32:11+05:30.' },
};
/** Times are checked against the moment that this tells, Unix milliseconds. */
export type Clock = () => number;

/** An id that must be there. */
export const requiredId = () => z.string().min(1).max(200);

// The fields below only check: a transform each makes zod five times as slow. What is missing, null or empty is evened
// out by `textOf`, `instantOf`, `orNull` and `countOf` when a body becomes an event.

/** Text that may be missing, null or empty. */
export const text = (max: number) => z.string().max(max).nullish();

/** A number that may be missing or null. */
export const number = (min: number, max: number) => z.number().min(min).max(max).nullish();

/** A count that may be missing or null, or have a fraction. */
export const count = (max: number) => number(0, max);

export const flag = () => z.boolean().nullish();

/** Missing, null and empty text are all null. */
export const textOf = (value: string | null | undefined): string | null => value || null;

/** Unix milliseconds of an {@link instant}. */
export const instantOf = (value: string | null | undefined): number | null =>
  value ? Date.parse(value) : null;

/** What is missing is null. */
export const orNull = <T>(value: T | null | undefined): T | null => value ?? null;

/** A whole number: fractions are rounded. */
export const countOf = (value: number | null | undefined): number | null =>
  value === null || value === undefined ? null : Math.round(value);

/** RFC 3339 with offset, of what has happened; may be missing, null or empty. */
export const instant = (clock: Clock) => timeThat((text) => text && untilSoon(text, clock)).nullish();

/** Unix milliseconds of what has happened; may be missing or null. */
export const epochMs = (clock: Clock) =>
  z
    .number()
    .check(({ value, issues }) => {
      if (value >= earliest && value <= clock() + aheadMs) return;
      const fix = 'Send Unix milliseconds between the year 2000 and two days from now.';
      issues.push({ code: 'custom', input: value, message: 'is not a plausible time', params: { fix } });
    })
    .nullish();

/** RFC 3339 with offset, of what may be planned; may be missing, null or empty. */
export const plannedInstant = (clock: Clock) =>
  timeThat((text) => text && faultOf(text, clock() + plannedAheadMs, 'ten years')).nullish();

/** RFC 3339 with offset, of what has happened; must be there. */
export const requiredInstant = (clock: Clock) => timeThat((text) => untilSoon(text, clock));

const untilSoon = (text: string, clock: Clock) => faultOf(text, clock() + aheadMs, 'two days');

type Fault = typeof notATime;

function timeThat(judge: (text: string) => Fault | '' | undefined) {
  return z.string().check(({ value, issues }) => {
    const fault = judge(value);
    if (fault) issues.push({ code: 'custom', input: value, ...fault });
  });
}

function faultOf(text: string, latest: number, span: string): Fault | undefined {
  const at = rfc3339.test(text) ? Date.parse(text) : Number.NaN;
  if (at >= earliest && at <= latest) return undefined;
  if (Number.isNaN(at)) return notATime;
  const fix = `Send a time between the year 2000 and ${span} from now.`;
  return { message: 'is not a plausible time', params: { fix } };
}

/** Any JSON object, as it was sent; may be missing or null. */
export const anyObject = () =>
  z.custom<JsonObject>(isJsonObject, { params: { fix: 'Send a JSON object.' } }).nullish();
