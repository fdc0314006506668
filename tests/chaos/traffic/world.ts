import type { Switchboard } from '@switchboard/start';
import type { Ledger } from '@switchboard/testkit/ledger';
import type { Stores } from '@switchboard/testkit/open-stores';
import type { TwilioServer } from '@switchboard/testkit/twilio/twilio-server-types';
import type { OutsideServer } from '../harm/slow-outside.ts';

/** The demo clinic's account with the server that stands for Twilio. */
export const twilioAccount = { accountSid: `AC${'7'.repeat(32)}`, number: '+912240001234' };

/** What all writers write to. */
export interface World {
  running: Switchboard;
  /** Where it keeps its data and its keys. */
  dir: string;
  stores: Stores;
  /** Of all calls that were ever posted to this installation. */
  ledger: Ledger;
  twilio: TwilioServer;
  /** Who starts a server of its own adds it. */
  outside: Set<OutsideServer>;
  seed: number;
  /** How long writers go on beginning new things, ms. */
  durationMs: number;
  /** Ends them earlier. */
  ended?: AbortSignal | undefined;
  /** Whose text is the name of a step: there the command that imports files ends itself, once. None unless given. */
  importFault?: string;
  /** Nobody says or sends anything twice: what comes twice was delivered twice. */
  once?: boolean;
  /** What a whole second brings, against the usual: 1 is some forty requests. */
  pace: number;
}

/** How one request went, all its tries together. */
export interface Asked {
  /** Of the last answer. */
  status: number;
  tries: number;
  /** Of the last try, ms. */
  answerMs: number;
}

/** Somebody who writes to the clinic's system, and remembers what was taken. */
export interface Writer {
  name: string;
  /** Begins new things until `durationMs` is over; resolves when each is answered for good. */
  run(): Promise<void>;
  /** Waits for what the system does by itself of what was taken, once all writers have ended. */
  settle?(): Promise<void>;
  /** What of all that was taken is not there, or is there twice, once all is at rest. */
  check(): Promise<string[]>;
  /** Distinct events that were taken, each of which must stand in `inbox` once. */
  events(): number;
  /** Dead letters that it made; none unless told. */
  letters?(): number;
  asked: Asked[];
  /** What this writer alone can tell of its run. */
  notes(): Record<string, number>;
}
