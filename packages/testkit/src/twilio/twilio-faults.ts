import { mulberry32 } from '../random-calls.ts';

/** What goes wrong with one request to send. */
export type TwilioFault =
  /** Answered with an error of Twilio's; nothing is sent. */
  | { kind: 'refused'; status: number; code: number; retryAfter?: string }
  /** Accepted, and told later by a callback that it failed. */
  | { kind: 'fails later'; code: number }
  /** A gateway's error page, before or after the message was accepted. */
  | { kind: 'broken'; status: number; accepted: boolean }
  /** Never answered. */
  | { kind: 'silent'; accepted: boolean }
  /** The connection ends in the place of an answer. */
  | { kind: 'cut'; accepted: boolean }
  /** Accepted, and answered after a while. */
  | { kind: 'slow'; ms: number };

/** A request to send, before anything is decided. */
export interface SendRequest {
  /** From 1, of all that came. */
  number: number;
  /** From 1, of those with this address and text. */
  attempt: number;
  to: string;
  from: string;
  body: string;
}

export type FaultPlan = (request: SendRequest) => TwilioFault | undefined;

export const twilioErrors = {
  outsideWindow: { kind: 'refused', status: 400, code: 63_016 },
  optedOut: { kind: 'refused', status: 400, code: 21_610 },
  tooMany: { kind: 'refused', status: 429, code: 20_429, retryAfter: '1' },
} as const satisfies Record<string, TwilioFault>;

/**
 * Faults by chance: what happens to a message's how manieth attempt depends on the seed, its address and its text alone,
 * whatever the order in which requests come.
 * @param rates of each fault, 0 to 1, which together make 1 at most
 */
export function faultsBySeed(seed: number, rates: readonly (readonly [number, TwilioFault])[]): FaultPlan {
  return ({ to, body, attempt }) => {
    let left = mulberry32(hashOf(`${seed}:${to}:${body}:${attempt}`))();
    for (const [rate, fault] of rates) {
      left -= rate;
      if (left < 0) return fault;
    }
    return undefined;
  };
}

function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return hash >>> 0;
}
