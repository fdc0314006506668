import { isUuid } from '@switchboard/domain/ids';
import { isZone } from '@switchboard/domain/periods/zone';
import { z } from 'zod';
import { isJsonObject, type JsonObject } from '../body/parse-json.ts';
import { type Clock, instant, instantOf, orNull, plannedInstant, text, textOf } from '../fields/fields.ts';

// Every field may be missing, null or (a text) empty, and is null then; what is there has its type.

/** A text of at most so many characters. */
export const words = (max = 200) => text(max).transform(textOf);

/** When something happened, Unix ms. */
export const happened = (clock: Clock) => instant(clock).transform(instantOf);

/** When something is to happen, or happened, Unix ms. */
export const planned = (clock: Clock) => plannedInstant(clock).transform(instantOf);

export const yesOrNo = () => z.boolean().nullish().transform(orNull);

export const whole = (least: number, most: number) =>
  z.int().min(least).max(most).nullish().transform(orNull);

export const amount = (most: number) => z.number().min(0).max(most).nullish().transform(orNull);

/** One of these words. */
export const oneOf = (...allowed: readonly string[]) =>
  textThat(
    (value) => allowed.includes(value),
    'is not one of the values allowed',
    `Send one of: ${allowed.join(', ')}.`,
  );

/** An id of ours. */
export const ourId = () => textThat(isUuid, 'is not a UUID', 'Send the id that we gave.');

/** ISO 4217. */
export const currency = () =>
  textThat((value) => /^[A-Z]{3}$/.test(value), 'is not a currency', 'Send ISO 4217, e.g. INR.');

/** BCP 47. */
export const language = () =>
  textThat(
    (value) => /^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$/.test(value) && value.length <= 35,
    'is not a language tag',
    'Send BCP 47, e.g. hi-IN.',
  );

/** IANA name. */
export const timeZone = () =>
  textThat(
    (value) => /^[A-Za-z]/.test(value) && isZone(value),
    'is not a time zone',
    'Send an IANA name, e.g. Asia/Kolkata.',
  );

/** A date of the calendar, ISO. */
export const isoDate = () => textThat(isDate, ...notADate);

/** A date that must be there. */
export const requiredDate = () => z.string().check(saying(isDate, ...notADate));

/** A date of birth: a calendar date that is over. */
export const birthDate = (clock: Clock) =>
  textThat(
    (value) => isDate(value) && Date.parse(value) <= clock() + 86_400_000,
    'is not a date of birth',
    'Send an ISO date between 1900 and today, e.g. 1988-04-12.',
  );

/** Local wall time; null where it is missing. */
export const wallTime = () => textThat(isWallTime, ...notAWallTime);

/** Local wall time that must be there. */
export const requiredWallTime = () => z.string().check(saying(isWallTime, ...notAWallTime));

/** JSON object or text; an object becomes JSON text. */
export const textOrObject = () =>
  z
    .custom<string | JsonObject>((value) => typeof value === 'string' || isJsonObject(value), {
      params: { fix: 'Send a text or a JSON object.' },
    })
    .nullish()
    .transform((value) => (isJsonObject(value) ? JSON.stringify(value) : textOf(value)));

/** The sender's id, a name, or both; neither is null. */
export const reference = () =>
  z
    .object({ external_id: words(), name: words() })
    .nullish()
    .transform((value) => (value && (value.external_id ?? value.name) !== null ? value : null));

export const listOf = <T extends z.ZodType>(item: T, most: number) =>
  z.array(item).max(most).nullish().transform(orNull);

const notADate = ['is not a date', 'Send an ISO date between 1900 and 9999, e.g. 2026-11-20.'] as const;
const notAWallTime = ['is not a time of day', 'Send HH:MM from 00:00 to 24:00.'] as const;

function isWallTime(value: string): boolean {
  return /^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/.test(value);
}

function isDate(value: string): boolean {
  if (!/^(?:19|[2-9]\d)\d\d-\d\d-\d\d$/.test(value)) return false;
  const at = Date.parse(value);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(value);
}

type Judge = (value: string) => boolean;

function textThat(isRight: Judge, message: string, fix: string) {
  return z
    .string()
    .check(saying((value) => value === '' || isRight(value), message, fix))
    .nullish()
    .transform(textOf);
}

function saying(isRight: Judge, message: string, fix: string): z.core.CheckFn<string> {
  return ({ value, issues }) => {
    if (!isRight(value)) issues.push({ code: 'custom', input: value, message, params: { fix } });
  };
}
