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

/** What a vendor's own extraction says of the person: a JSON object of entity to value. Empty for anything else. */
export function readVendorContact(entities: string | null | undefined): VendorContact {
  const values = flatten(entities);
  const first = values.get('first_name') ?? values.get('firstname');
  const last = values.get('last_name') ?? values.get('lastname') ?? '';
  const name = pick(values, nameKeys) ?? (first ? `${first} ${last}` : undefined);
  return { name: plausibleName(name), dateOfBirth: isoDate(pick(values, birthKeys)) };
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

/** A name has up to five words and no digits; anything else is not one. */
function plausibleName(raw: string | undefined): string | null {
  if (
    !raw ||
    /\d/.test(raw) ||
    /^(?:unknown|n\/?a|none|null|not (?:given|provided)|anonymous|caller|patient)$/i.test(raw)
  )
    return null;
  const name = normaliseName(raw);
  return name && name.split(' ').length <= 5 ? name : null;
}

function isoDate(raw: string | undefined): string | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})(?:T.*)?$/.exec(raw ?? '');
  if (!match) return null;
  const [, year, month, day] = match;
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) &&
    date.toISOString().startsWith(`${year}-${month}-${day}`) &&
    Number(year) > 1900
    ? `${year}-${month}-${day}`
    : null;
}
