import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ledger, LedgerEvent } from '@switchboard/testkit/ledger';

export interface VendorOptions {
  /** Base of the ingest gateway, without a path. */
  ingest: string;
  secret: string;
  ledger: Ledger;
  /** Requests under way at a time; more wait. */
  concurrency?: number;
}

/** A voice vendor's outgoing webhooks. */
export interface Vendor {
  /** Posts an event, again and again until it is accepted or the tries are used up; notes in the ledger how it went. */
  deliver(event: LedgerEvent, body: string): Promise<void>;
}

interface Answer {
  outcome: string;
  ms: number;
}

/** Five tries in 30 s: when each is made, counted from the first. */
const TRIES_AT_MS = [0, 1_000, 4_000, 12_000, 28_000];
const TRY_TIMEOUT_MS = 10_000;

export function createVendor({ ingest, secret, ledger, concurrency = 40 }: VendorOptions): Vendor {
  const url = `${ingest}/api/v1/voice/webhook`;
  const slot = createSlots(concurrency);
  const post = async (body: string): Promise<Answer> => {
    const startedAt = performance.now();
    const outcome = await postSigned(url, secret, body);
    return { outcome, ms: performance.now() - startedAt };
  };
  return {
    async deliver(event, body) {
      const tries: string[] = [];
      let firstAt: number | undefined;
      let answer: Answer = { outcome: 'never tried', ms: 0 };
      for (const atMs of TRIES_AT_MS) {
        if (firstAt !== undefined) await sleep(Math.max(0, firstAt + atMs - performance.now()));
        answer = await slot(() => {
          firstAt ??= performance.now();
          return post(body);
        });
        tries.push(answer.outcome);
        if (!isWorthAnotherTry(answer.outcome)) break;
      }
      const totalMs = performance.now() - (firstAt ?? 0);
      ledger.note({ event, accepted: answer.outcome === '202', tries, totalMs, answerMs: answer.ms });
    },
  };
}

async function postSigned(url: string, secret: string, body: string): Promise<string> {
  const time = Math.floor(Date.now() / 1000);
  const digest = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex');
  try {
    const response = await fetch(url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', 'x-zoice-signature': `t=${time},v1=${digest}` },
      signal: AbortSignal.timeout(TRY_TIMEOUT_MS),
    });
    await response.arrayBuffer();
    return String(response.status);
  } catch (error) {
    return nameOf(error);
  }
}

/** Vendors give up on what is refused for good, and try again when there was no answer. */
function isWorthAnotherTry(outcome: string): boolean {
  return !/^[1-4]\d\d$/.test(outcome) || outcome === '429';
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { cause } = error;
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  return error.name;
}

function createSlots(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let taken = 0;
  return async (work) => {
    if (taken >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else taken += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else taken -= 1;
    }
  };
}
