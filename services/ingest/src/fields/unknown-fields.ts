import { z } from 'zod';
import { isJsonObject } from '../body/parse-json.ts';

/** The fields that a schema knows: of an object by name, of an array's items; `null`: anything below belongs to it. */
export type KnownFields =
  | { kind: 'object'; fields: ReadonlyMap<string, KnownFields> }
  | { kind: 'array'; items: KnownFields }
  | null;

/** Reads a zod schema's field names. */
export function knownFields(schema: unknown): KnownFields {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return knownFields(schema.unwrap());
  if (schema instanceof z.ZodPipe) return knownFields(schema.in);
  if (schema instanceof z.ZodArray) {
    const items = knownFields(schema.element);
    return items && { kind: 'array', items };
  }
  if (!(schema instanceof z.ZodObject)) return null;
  const fields = Object.entries(schema.shape).map(([name, field]) => [name, knownFields(field)] as const);
  return { kind: 'object', fields: new Map(fields) };
}

/**
 * Adds what the schema doesn't know to `found`, by JSON Pointer (RFC 6901). A value that is unknown is kept whole.
 */
export function collectUnknown(
  value: unknown,
  known: KnownFields,
  found: Map<string, unknown>,
  pointer = '',
): void {
  if (known === null) return;
  if (known.kind === 'array') {
    if (!Array.isArray(value)) return;
    for (const [index, item] of value.entries())
      collectUnknown(item, known.items, found, `${pointer}/${index}`);
    return;
  }
  if (!isJsonObject(value)) return;
  for (const key of Object.keys(value)) {
    const field = known.fields.get(key);
    if (field === null) continue;
    const at = `${pointer}/${escapePointer(key)}`;
    if (field === undefined) found.set(at, value[key]);
    else collectUnknown(value[key], field, found, at);
  }
}

/**
 * Dotted paths of the fields that are null or an empty text: the sender knows them to be empty. Arrays are whole values,
 * and hold no such paths.
 */
export function collectCleared(value: unknown, known: KnownFields, prefix = ''): string[] {
  if (known?.kind !== 'object' || !isJsonObject(value)) return [];
  const fields = value;
  return Object.keys(fields).flatMap((key) => {
    const field = known.fields.get(key);
    if (field === undefined) return [];
    const inner = fields[key];
    const path = `${prefix}${key}`;
    return inner === null || inner === '' ? [path] : collectCleared(inner, field, `${path}.`);
  });
}

function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
