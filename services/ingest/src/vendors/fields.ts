import { z } from 'zod';
import { isJsonObject, type JsonObject } from '../body/parse-json.ts';

/** Before this no call of ours was made; a far date would also open a partition of its own for ever. */
const earliest = Date.UTC(2000, 0, 1);
/** Clocks of vendors run ahead; not by more than this. */
const aheadMs = 2 * 24 * 3_600_000;

const rfc3339 = z.regexes.datetime({ offset: true });
// Custom issues carry what to send instead as `params.fix`.
const notATime = {
  message: 'is not a time',
  params: { fix: 'Send RFC 3339 with offset, e.g. 2026-11-20T10:32:11+05:30.' },
};
const notPlausible = {
  message: 'is not a plausible time',
  params: { fix: 'Send a time between the year 2000 and two days from now.' },
};

/** Times are checked against the moment that this tells, Unix milliseconds. */
export type Clock = () => number;

/** An id that must be there. */
export const requiredId = () => z.string().min(1).max(200);

/** Text that may be missing, null or empty: all three are null. */
export const text = (max: number) =>
  z
    .string()
    .max(max)
    .nullish()
    .transform((value) => value || null);

/** A number that may be missing or null. */
export const number = (min: number, max: number) =>
  z
    .number()
    .min(min)
    .max(max)
    .nullish()
    .transform((value) => value ?? null);

/** A count that may be missing or null; fractions are rounded. */
export const count = (max: number) =>
  z
    .number()
    .min(0)
    .max(max)
    .nullish()
    .transform((value) => (value === null || value === undefined ? null : Math.round(value)));

export const flag = () =>
  z
    .boolean()
    .nullish()
    .transform((value) => value ?? null);

/** RFC 3339 with offset, as Unix milliseconds; may be missing, null or empty. */
export const instant = (clock: Clock) =>
  z
    .string()
    .nullish()
    .transform((value, context) => {
      if (!value) return null;
      const at = rfc3339.test(value) ? Date.parse(value) : Number.NaN;
      if (at >= earliest && at <= clock() + aheadMs) return at;
      const issue = Number.isNaN(at) ? notATime : notPlausible;
      context.issues.push({ code: 'custom', input: value, ...issue });
      return z.NEVER;
    });

/** Any JSON object, as it was sent; may be missing or null. */
export const anyObject = () =>
  z
    .custom<JsonObject>(isJsonObject, { params: { fix: 'Send a JSON object.' } })
    .nullish()
    .transform((value) => value ?? null);
