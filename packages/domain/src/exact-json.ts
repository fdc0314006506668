/** `JSON.rawJSON` of ES2026, which TypeScript's ES2024 library doesn't know yet. */
const rawJson: (text: string) => unknown = Reflect.get(JSON, 'rawJSON');

/**
 * Parses JSON so that `JSON.stringify` gives every number back digit by digit: one that a double does not hold, as a
 * vendor's ticket number may be, stays the text it was. What is parsed so is to be carried, not counted with.
 * @throws SyntaxError
 */
export function parseExactJson(text: string): unknown {
  return JSON.parse(text, keepDigits);
}

function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || context?.source === undefined) return value;
  return String(value) === context.source ? value : rawJson(context.source);
}
