import { isJsonObject, parseJson } from '../body/parse-json.ts';
import type { FormFields } from '../signatures/twilio.ts';

/** The fields of a form in UTF-8. */
export function readForm(body: Buffer): FormFields {
  const form = new URLSearchParams(body.toString('utf8'));
  const fields = new Map<string, string[]>();
  for (const [name, value] of form) {
    const known = fields.get(name);
    if (known) known.push(value);
    else fields.set(name, [value]);
  }
  return fields;
}

/** The fields of a JSON object, as a form would have them; null: it is none. */
export function readJsonFields(body: Buffer): FormFields | null {
  const json = parseJson(body);
  if (!json.ok || !isJsonObject(json.value)) return null;
  return new Map(
    Object.entries(json.value).map(([name, value]) => [name, [value].flat().map(textOf)] as const),
  );
}

/** The fields without NUL characters, which Postgres can hold in no text; what is signed has them. */
export function withoutNul(fields: FormFields): FormFields {
  const tidy = (text: string) => text.replaceAll('\u0000', '');
  return new Map([...fields].map(([name, values]) => [tidy(name), values.map(tidy)]));
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === null || value === undefined ? '' : JSON.stringify(value);
}
