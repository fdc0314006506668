import { isLocalDate } from '@switchboard/domain/periods/local-date';
import { z } from 'zod';

/** Where the next page begins, opaque for the caller: JSON in base64url, held against its schema when it comes back. */
export function cursorParameter<T extends z.ZodType>(schema: T) {
  return z
    .string()
    .max(500)
    .transform((text, context): z.infer<T> => {
      const parsed = schema.safeParse(jsonOf(text));
      if (parsed.success) return parsed.data;
      context.addIssue({ code: 'custom', message: 'must be a cursor that an answer gave' });
      return z.NEVER;
    })
    .optional()
    .describe('`next_cursor` of the page before.');
}

/** An instant in a cursor, to the microsecond, as Postgres writes it or in RFC 3339. A cursor may be forged. */
export const instantInCursor = z.string().refine((text) => {
  const form =
    /^\d{4}-\d\d-\d\d[ T]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?(Z|[+-](0\d|1[0-5])(:[0-5]\d(:[0-5]\d)?)?)$/;
  return form.test(text) && isLocalDate(text.slice(0, 10));
});

/** What {@link cursorParameter} takes back. Never a value that tells of a patient: cursors stand in addresses. */
export function toCursor(place: unknown): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
