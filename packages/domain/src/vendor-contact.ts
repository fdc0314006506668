import { normaliseName } from './names.ts';

export interface VendorContact {
  name: string | null;
  /** ISO date. */
  dateOfBirth: string | null;
}

const nameKeys = [
  'patient_name',
  'patientname',
  'full_name',
  'fullname',
  'caller_name',
  'customer_name',
  'name',
];
const birthKeys = ['date_of_birth', 'dateofbirth', 'birth_date', 'birthdate', 'dob'];

/**
 * What a vendor's own extraction says of the person: a JSON object of entity to value. Empty for anything else.
 * @param calledAt Unix time in milliseconds: nobody who calls is born later, but for a zone's day
 */
export function readVendorContact(entities: string | null | undefined, calledAt: number): VendorContact {
  const values = flatten(entities);
  const first = values.get('first_name') ?? values.get('firstname');
  const last = values.get('last_name') ?? values.get('lastname') ?? '';
  const name = pick(values, nameKeys) ?? (first ? `${first} ${last}` : undefined);
  return { name: plausibleName(name), dateOfBirth: birthDate(pick(values, birthKeys), calledAt) };
}

function flatten(entities: string | null | undefined): Map<string, string> {
  const found = new Map<string, string>();
  if (!entities) return found;
  let parsed: unknown;
  try {
    parsed = JSON.parse(entities);
  } catch {
    return found;
  }
  if (typeof parsed !== 'object' || parsed === null) return found;
  for (const [key, value] of Object.entries(parsed)) {
    const text = textOf(value);
    if (text) found.set(key.toLowerCase().replace(/[\s-]+/g, '_'), text);
  }
  return found;
}

/** Vendors give a value plain, or as `{value}`. */
function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value.trim();
  if (typeof value !== 'object' || value === null || !('value' in value)) return null;
  return typeof value.value === 'string' ? value.value.trim() : null;
}

function pick(values: Map<string, string>, keys: readonly string[]): string | undefined {
  return keys.map((key) => values.get(key)).find((value) => value !== undefined && value !== '');
}

/** What vendors write where nobody gave a name: "Not mentioned", "no name given", "unknown caller", "customer". */
const placeholder =
  /^(?:(?:no|not|none|never|without|un(?:known|specified|named|identified|available|provided|defined))\b.*|n ?a|null|nil|nan|undefined|empty|missing|tbd|test|anonymous|private|withheld|redacted|hidden|confidential|(?:the |a )?(?:new |existing |patient |unknown )?(?:user|customer|caller|patient|client|guest|person|someone|somebody|speaker|contact|human|male|female|man|woman|self|me|name|full name|first name|last name|patient name|caller name|customer name|sir|madam|mr|mrs|ms|dr|doctor)(?: (?:name|\d+))?)$/;

/** A name has up to five words and no digits; anything else is not one. */
function plausibleName(raw: string | undefined): string | null {
  const plain = raw
    ?.toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
  if (!raw || !plain || /\p{Nd}/u.test(raw) || placeholder.test(plain)) return null;
  const name = normaliseName(raw);
  return name && name.split(' ').length <= 5 ? name : null;
}

function birthDate(raw: string | undefined, calledAt: number): string | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})(?:T.*)?$/.exec(raw ?? '');
  if (!match) return null;
  const [, year, month, day] = match;
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`);
  const isDay = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(`${year}-${month}-${day}`);
  return isDay && Number(year) > 1900 && date.getTime() <= calledAt + dayMs
    ? `${year}-${month}-${day}`
    : null;
}

const dayMs = 86_400_000;
