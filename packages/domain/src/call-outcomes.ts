import { snakeCase } from './intents.ts';

export const callOutcomes = [
  'booked',
  'rescheduled',
  'cancelled',
  'answered',
  'callback_requested',
  'transferred',
  'abandoned',
  'unresolved',
  'other',
] as const;
export type CallOutcome = (typeof callOutcomes)[number];

export const callEndReasons = [
  'caller_hangup',
  'agent_hangup',
  'transferred',
  'timeout',
  'error',
  'other',
] as const;
export type CallEndReason = (typeof callEndReasons)[number];

export const callStatuses = [
  'ringing',
  'in_progress',
  'completed',
  'no_answer',
  'busy',
  'failed',
  'voicemail',
  'other',
] as const;
export type CallStatus = (typeof callStatuses)[number];

export const callDirections = ['inbound', 'outbound'] as const;
export type CallDirection = (typeof callDirections)[number];

type Rules<T> = readonly (readonly [RegExp, T])[];

const outcomeWords: Rules<CallOutcome> = [
  [/unresolved|unsuccessful|not_(booked|resolved|answered)|fail/, 'unresolved'],
  [/re_?schedul|re_?book|moved/, 'rescheduled'],
  [/cancel/, 'cancelled'],
  [/call_?back|call_?me/, 'callback_requested'],
  [/transfer|hand_?off|escalat|forward/, 'transferred'],
  [/abandon|hang_?up|hung_?up|drop/, 'abandoned'],
  [/book|scheduled|appointment_(made|set|created)|confirm/, 'booked'],
  [/answer|resolved|inform|success|complete/, 'answered'],
];

const endReasonWords: Rules<CallEndReason> = [
  [/transfer|forward|hand_?off/, 'transferred'],
  [/time_?out|timed|silence|max_?duration|inactivity|exceeded/, 'timeout'],
  [/error|fail|crash|unknown_|internal|network|disconnect_error/, 'error'],
  [
    /(assistant|agent|bot|ai|system)_.*(end|hang|hung|disconnect|said)|agent_?hangup|assistant/,
    'agent_hangup',
  ],
  [
    /(customer|user|caller|client|patient|remote|human)_.*(end|hang|hung|disconnect)|hang_?up|hung_?up/,
    'caller_hangup',
  ],
];

const statusWords: Rules<CallStatus> = [
  [/voice_?mail|answering_?machine|machine/, 'voicemail'],
  [/no_?answer|not_answered|unanswered|missed/, 'no_answer'],
  [/busy/, 'busy'],
  [/fail|error|cancel|reject/, 'failed'],
  [/in_?progress|ongoing|answered|active|connected|live/, 'in_progress'],
  [/ring|queued|initiat|dial|start/, 'ringing'],
  [/complete|ended|done|finish|hang|hung/, 'completed'],
];

/** A vendor's word as one of ours: `other` when unknown, null when not given. Facts carry nothing else. */
export function toCallOutcome(word: string | null | undefined): CallOutcome | null {
  return toWord(word, callOutcomes, outcomeWords, 'other');
}

/** As {@link toCallOutcome}. */
export function toCallEndReason(word: string | null | undefined): CallEndReason | null {
  return toWord(word, callEndReasons, endReasonWords, 'other');
}

/** As {@link toCallOutcome}. */
export function toCallStatus(word: string | null | undefined): CallStatus | null {
  return toWord(word, callStatuses, statusWords, 'other');
}

/** Inbound unless the word says that the clinic called. */
export function toCallDirection(word: string | null | undefined): CallDirection {
  return /out/i.test(word?.slice(0, 40) ?? '') ? 'outbound' : 'inbound';
}

function toWord<T extends string>(
  word: string | null | undefined,
  own: readonly T[],
  rules: Rules<T>,
  unknown: T,
): T | null {
  if (!word?.trim()) return null;
  const exact = own.find((one) => one === word);
  if (exact) return exact;
  const name = snakeCase(word);
  return own.find((one) => one === name) ?? rules.find(([pattern]) => pattern.test(name))?.[1] ?? unknown;
}
