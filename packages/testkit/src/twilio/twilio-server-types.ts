import type { FaultPlan, SendRequest } from './twilio-faults.ts';
import type { TwilioMessage, TwilioStatus } from './twilio-messages.ts';

export interface TwilioAccountLogin {
  accountSid: string;
  authToken: string;
}

export interface TwilioServerOptions {
  accounts: readonly TwilioAccountLogin[];
  /** The same seed gives the same ids, and the same order of callbacks. */
  seed?: number;
  now?: () => number;
}

/** What is told of each message that goes out, by itself. */
export interface CallbackPlan {
  /** In the order in which they happen. */
  statuses: readonly TwilioStatus[];
  /** How many are told twice, and how many messages' in another order, 0 to 1. */
  twice: number;
  outOfOrder: number;
}

export interface ReceivedFromPatient {
  accountSid: string;
  /** E.164. */
  from: string;
  to: string;
  body: string;
  media?: readonly { contentType: string; bytes: Buffer }[];
  /** Further fields of the webhook, e.g. `ProfileName`. */
  fields?: Record<string, string>;
  /** Where the webhook goes; it is lost unless told. */
  postTo?: string;
  at?: Date;
}

/** Twilio's REST API of messages, as far as Switchboard uses it: a small real server that keeps what it accepted. */
export interface TwilioServer {
  url: string;
  /** Requests to send, accepted or not, in the order they came. */
  requests: SendRequest[];
  /** What it accepted and what came in, oldest first. */
  messages: TwilioMessage[];
  /** Answers of its webhooks' receivers; 0: there was none. */
  answers: number[];
  faults(plan: FaultPlan | undefined): void;
  callbacks(plan: CallbackPlan | undefined): void;
  /** A message gets further, and its callback is posted unless it is lost. */
  advance(sid: string, status: TwilioStatus, told?: { lost?: boolean; errorCode?: number }): Promise<void>;
  /** A patient writes. */
  receive(message: ReceivedFromPatient): Promise<TwilioMessage>;
  /** Where the bytes of a medium are, from now on; the server itself unless told. */
  redirectMedia(to: ((mediaSid: string) => string) | undefined): void;
  /** Resolves when all webhooks that were begun are posted. */
  idle(): Promise<void>;
  /** From now on each answer comes so many ms late, that what was asked for is done; 0: not any more. */
  slow(ms: number): void;
  /** All its connections end at once, new ones are refused for so many ms or until then, and it is back with all that it accepted. */
  kill(away: number | Promise<void>): Promise<void>;
  close(): Promise<void>;
}
