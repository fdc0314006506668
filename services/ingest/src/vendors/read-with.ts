import type { z } from 'zod';
import type { JsonObject } from '../body/parse-json.ts';
import { fieldErrors } from '../fields/field-errors.ts';
import type { Clock } from '../fields/fields.ts';
import { collectUnknown, knownFields } from '../fields/unknown-fields.ts';
import { type Extra, extraOf } from './mapping.ts';
import type { VendorAdapter, VendorEvent } from './vendor.ts';

/**
 * Reads bodies by a schema: what is wrong is told by field, what the schema does not know is kept in `extra`.
 *
 * @param toEvent maps what fits the schema; `body` is all of it, as sent
 */
export function readWith<T>(
  schemaOf: (clock: Clock) => z.ZodType<T>,
  toEvent: (parsed: T, extra: Extra, body: JsonObject) => Omit<VendorEvent, 'extra'>,
): VendorAdapter['read'] {
  let now = 0;
  const schema = schemaOf(() => now);
  const known = knownFields(schema);
  return (body, receivedAt) => {
    // Parsing is synchronous: no other body can come between.
    now = receivedAt;
    const parsed = schema.safeParse(body);
    if (!parsed.success) return { ok: false, errors: fieldErrors(parsed.error.issues, body) };
    const extra: Extra = new Map();
    collectUnknown(body, known, extra);
    const event = toEvent(parsed.data, extra, body);
    return { ok: true, event: { ...event, extra: extraOf(extra) } };
  };
}
