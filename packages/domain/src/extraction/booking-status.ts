import { allMatches, withoutOverlaps } from './patterns.ts';
import type { Found } from './types.ts';

type StatusFound = Found & { normalised: BookingStatus };

/** What an agent says happened to the booking. */
export type BookingStatus = 'booked' | 'rescheduled' | 'cancelled' | 'failed';

const done =
  /\b(?:booked|scheduled|confirmed|reserved|re-?scheduled|moved|cancell?ed|made|all set|set up|completed?|successful(?:ly)?|added|fixed|done|see you (?:then|on|at|tomorrow))\b/gi;
const proposal =
  /\?|\b(?:shall|should|would you|do you want|may i|can i|could i|want me to|let me|please confirm|just to confirm|to confirm|confirm (?:the|that|if|these|your)|i(?:'ll| will) (?:be )?(?:book|schedul|go ahead)|need to be|if you)\b/i;
const doneWord =
  '(?:booked|scheduled|confirmed|reserved|re-?scheduled|moved|cancell?ed|made|set up|completed?|added|fixed|done)';
/** Not yet, or only if something else happens. */
const pending = new RegExp(
  `\\b(?:will|shall|must|should|needs? to|ha(?:s|ve) to|going to|yet to) (?:\\w+ ){0,2}be (?:\\w+ )?${doneWord}|\\b(?:once|until|till|when|as soon as|after|before)\\b[^,.]{0,40}\\b${doneWord}|\\b(?:not|n't|never)\\b[^.!?]{0,20}\\b${doneWord}\\b[^.!?]{0,20}\\byet|\\balready have\\b`,
  'i',
);
const undone = new RegExp(`(?:\\bnot|n't|\\bnever) (?:\\w+ )?(?:been )?${doneWord}`, 'i');
/** What is done here may be anything; a booking only if one is named, or nothing else is. */
const vague = /^(?:made|added|done|complete|fixed|set up|moved|success)/;
const shortAnswer = /^\W*(?:[\w']+\W+){0,3}[\w']+\W*$/;
const namesBooking = /\b(?:book\w*|appointments?|schedul\w*|reserv\w*|slot|for you|it)\b/i;
const afterCancelling = /^(?:all set|done|see you|made|complete|success|added|fixed)/;
const failure =
  /\b(?:unable|unfortunately|sorry|could(?:n'?t| not)|can(?:no|')t|was(?:n'?t| not)|were(?:n'?t| not)|not (?:able|available|possible|succe\w+)|no (?:appointments?|slots?|openings?)|fail(?:ed|ure)?|unavailable|unsuccessful|did(?:n'?t| not) (?:go|work)|fully booked|already booked|taken|error)\b/i;
const ofTheBooking = /\b(?:book\w*|appointments?|schedul\w*|reserv\w*|complete)\b/i;
const confirmation =
  /\b(?:confirm|correct|right|book|schedule|reserve|go ahead|details|appointment|set)\b|\d(?::\d\d)? ?[ap]m?\b.{0,40}\?/i;
const aboutBooking =
  /\b(?:book\w*|appointments?|slots?|schedul\w*|reserv\w*|request|time|available|visit|complete|that|it|this|you)\b/i;
const subject =
  /\b(?:appointment|booking|reservation|slot|visit|you(?:'re|'ve| are| have)?|it(?:'s| is| has)?|that(?:'s| is| has)?|everything|all|i(?:'ve| have)|we(?:'ve| have)|successfully|done|see you|request|details|done)\b/i;

const sentenceEnd = /(?<!\b(?:[A-Z]|Dr|Mr|Mrs|Ms|St|a|p)\.?)[.!?]+(?=\s|$)/g;

/**
 * What an agent's turn says happened to the booking, if anything; the last of several counts.
 * @param before what was said earlier: what is booked fails only by words about the booking
 */
export function findBookingStatus(text: string, before: string | null = null): StatusFound | null {
  let last: StatusFound | null = null;
  for (const sentence of sentences(text)) {
    const status = statusOf(sentence.value, last?.normalised ?? before);
    if (status) last = { ...sentence, normalised: status, confidence: 0.8 };
  }
  return last;
}

/** Whether an agent asks the caller to agree to a booking as it has it. */
export function asksToConfirm(text: string): boolean {
  return proposal.test(text) && confirmation.test(text);
}

/** Whether an agent says that something asked for can't be had. */
export function isUnavailable(sentence: string): boolean {
  return failure.test(sentence);
}

/** Sentences of a text and where they stand; an initial or a title does not end one. At most 200. */
export function sentences(text: string): Found[] {
  const found: Found[] = [];
  let start = 0;
  for (const match of allMatches(text, sentenceEnd)) {
    push(start, match.index + match[0].length);
    start = match.index + match[0].length;
    if (found.length >= 200) break;
  }
  push(start, text.length);
  return withoutOverlaps(found);

  function push(from: number, to: number) {
    const value = text.slice(from, to).trim();
    const at = from + text.slice(from, to).indexOf(value);
    if (value) found.push({ start: at, end: at + value.length, value, normalised: null, confidence: 1 });
  }
}

function statusOf(sentence: string, before: string | null): BookingStatus | null {
  const isBooked = before === 'booked';
  if (proposal.test(sentence) || pending.test(sentence)) return null;
  if (undone.test(sentence)) return aboutBooking.test(sentence) ? 'failed' : null;
  if (failure.test(sentence))
    return (isBooked ? ofTheBooking : aboutBooking).test(sentence) ? 'failed' : null;
  const word = allMatches(sentence, done).at(0)?.[0].toLowerCase();
  if (!word || !subject.test(sentence)) return null;
  if (vague.test(word) && !shortAnswer.test(sentence) && !namesBooking.test(sentence)) return null;
  if (before === 'cancelled' && afterCancelling.test(word)) return null;
  if (word.startsWith('cancel')) return 'cancelled';
  if (/^re-?sched|^moved/.test(word)) return 'rescheduled';
  return 'booked';
}
