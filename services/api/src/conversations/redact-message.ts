import type { Redactions } from '@switchboard/postgres/api/conversation-thread';
import type { Reader } from '../calls/present-call.ts';
import { maskText, notRedactedYet } from '../calls/redact.ts';

/**
 * A message's text as the reader may see it: without PHI masked, and nothing of it before analysis has marked what is to
 * be masked.
 */
export function textFor(
  { seesPhi }: Reader,
  { body, redactions }: { body: string | null; redactions: Redactions },
  names: readonly (string | null)[],
): string | null {
  if (seesPhi || body === null || body === '') return body;
  return redactions === null ? notRedactedYet : maskText(body, redactions, names);
}

/** The beginning of such a text; cut after it was masked, so that no part of a name is left. */
export function beginningFor(...given: Parameters<typeof textFor>): string | null {
  const text = textFor(...given);
  return text === null ? null : [...text].slice(0, 300).join('');
}
