import type { CallDetail, RedactionRow, TurnRow } from '@switchboard/postgres/api/call-detail';

export interface Redactor {
  /** The text of a turn as those may read it who see no PHI. */
  turn(turn: TurnRow): string;
}

/** Digits that may be a phone or an id number, however they are grouped. */
const longNumber = /\+?\d(?:[\s().-]{0,2}\d){5,}/g;
/** Begins only where a run of characters does, else a long one without "@" would be read once from each of its characters. */
const mailAddress = /(?<![^\s@])[^\s@]+@[^\s@]+\.[^\s@]+/g;

/** In the place of a text of which nobody knows yet what is to be masked. */
export const notRedactedYet = '[not redacted yet]';

/**
 * Masks what the extraction marked, and beside it what is known or looks like it: the contact's and the patient's names,
 * long numbers, mail addresses. A transcript that was never analysed is not shown at all.
 */
export function createRedactor(detail: Pick<CallDetail, 'call' | 'patient' | 'extraction'>): Redactor {
  const { call, patient, extraction } = detail;
  if (!extraction) return { turn: () => notRedactedYet };
  const names = [call.contact_name, patient?.first_name, patient?.last_name];
  return {
    turn: ({ turn_index, text }) =>
      maskText(
        text,
        extraction.redactions.filter(({ turn }) => turn === turn_index),
        names,
      ),
  };
}

/** A text without the spans, these names, and what looks like a number or a mail address. */
export function maskText(
  text: string,
  spans: readonly Omit<RedactionRow, 'turn'>[],
  names: readonly (string | null | undefined)[],
): string {
  const marked = maskSpans(text, spans).replace(mailAddress, '[email]').replace(longNumber, '[number]');
  const pattern = namePattern(names);
  return pattern ? marked.replace(pattern, '[name]') : marked;
}

/** Replaces the spans by their kind in brackets; spans may overlap or reach beyond the text. */
function maskSpans(text: string, spans: readonly Omit<RedactionRow, 'turn'>[]): string {
  let masked = '';
  let at = 0;
  for (const { start, end, kind } of spans.toSorted((a, b) => a.start - b.start)) {
    if (end <= at || start >= text.length) continue;
    masked += start >= at ? `${text.slice(at, start)}[${kind}]` : '';
    at = Math.min(end, text.length);
  }
  return masked + text.slice(at);
}

function namePattern(names: readonly (string | null | undefined)[]): RegExp | undefined {
  const words = names
    .flatMap((name) => name?.split(/[^\p{L}\p{M}]+/u) ?? [])
    .filter((word) => word.length >= 2)
    .sort((a, b) => b.length - a.length);
  if (words.length === 0) return undefined;
  return new RegExp(`(?<![\\p{L}\\p{M}])(?:${words.join('|')})(?![\\p{L}\\p{M}])`, 'giu');
}
