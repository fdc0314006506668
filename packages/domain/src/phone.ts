import {
  type CountryCode,
  getCountryCallingCode,
  isSupportedCountry,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max';
import { foldDigits } from './digits.ts';

/** Longest input looked at: a number has at most 15 digits, the rest is punctuation and a scheme. */
const maxLength = 64;

/** What vendors write in place of a number that the caller withheld. */
const withheld =
  /\b(anonymous|private|withheld|restricted|blocked|unknown|unavailable|no\s*caller\s*id|payphone|null|none)\b/i;

/** Numbers that carriers put where there is none (RFC 3323 "anonymous" dialled on a keypad). */
const placeholders = new Set(['+266696687', '+7378742833', '+2562533', '+8656696']);

/**
 * A phone number as E.164, or null when it is withheld, too short or not a number of any country.
 *
 * @param raw as the vendor or the caller wrote it: national, international, `tel:` or `sip:` URI
 * @param defaultRegion ISO 3166-1 alpha-2 country that national numbers belong to; an unknown one is ignored
 */
export function toE164(raw: string | null | undefined, defaultRegion: string | null): string | null {
  if (!raw || raw.length > maxLength || withheld.test(raw)) return null;
  const number = foldDigits(raw.replace(/\uff0b/g, '+'))
    .trim()
    .replace(/^(tel|sips?|whatsapp|client):/i, '')
    .replace(/[@;].*$/, '')
    .replace(/^00(?=[1-9])/, '+');
  if (!/^[+(]?[\d\s().\-/+]+$/.test(number)) return null;
  const parsed = parsePhoneNumberFromString(number, regionOf(defaultRegion)) ?? withPlus(number);
  const valid = parsed?.isValid() ? parsed : withPlus(number);
  if (!valid?.isValid() || placeholders.has(valid.number)) return null;
  return valid.number;
}

/** What the E.164 of a region's number begins with of which the first digits are known; undefined: of no region. */
export function beginningOf(firstDigits: string, region: string): string | undefined {
  const known = regionOf(region);
  return known && `+${getCountryCallingCode(known)}${firstDigits}`;
}

/** Two-letter region that a number belongs to, e.g. `IN`; null when it has none. */
export function regionOfNumber(e164: string): string | null {
  return parsePhoneNumberFromString(e164)?.country ?? null;
}

/** Some vendors drop the plus: 919812345678 is an Indian number anywhere. */
function withPlus(number: string) {
  const digits = number.replace(/\D/g, '');
  return digits.length >= 11 && digits.length <= 15 ? parsePhoneNumberFromString(`+${digits}`) : undefined;
}

function regionOf(region: string | null): CountryCode | undefined {
  const upper = region?.toUpperCase();
  return upper && isSupportedCountry(upper) ? upper : undefined;
}
