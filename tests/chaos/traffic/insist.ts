import { setTimeout as sleep } from 'node:timers/promises';
import type { Asked } from './world.ts';

export interface Answer extends Asked {
  body: unknown;
  headers: Headers;
}

export interface InsistOptions {
  /** Made anew for each try: a signature has a time. */
  init(): RequestInit;
  /** Whether this answer is the last word; of what is not, the same is asked again. What is below 500 and no 429 or 408 unless told. */
  isFinal?(answer: { status: number; body: unknown }): boolean;
  asked: Asked[];
}

const firstPauseMs = 500;
const longestPauseMs = 5_000;
const tryTimeoutMs = 10_000;
const patienceMs = 300_000;

/**
 * Asks the same again and again until there is a last word, as vendors and clients do.
 * @throws Error when there is none within five minutes
 */
export async function insist(url: string, options: InsistOptions): Promise<Answer> {
  const { isFinal = ({ status }) => status < 500 && status !== 429 && status !== 408 } = options;
  const firstAt = performance.now();
  let last = 'no answer';
  for (let tries = 1; performance.now() - firstAt < patienceMs; tries += 1) {
    const begunAt = performance.now();
    const answer = await askOnce(url, options.init());
    if (answer && isFinal(answer)) {
      const asked = { status: answer.status, tries, answerMs: performance.now() - begunAt };
      options.asked.push(asked);
      return { ...answer, ...asked };
    }
    if (answer) last = `${answer.status} ${JSON.stringify(answer.body).slice(0, 200)}`;
    await sleep(Math.min(longestPauseMs, firstPauseMs * 2 ** (tries - 1)));
  }
  throw new Error(`${new URL(url).pathname} was never taken: ${last}`);
}

async function askOnce(url: string, init: RequestInit) {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(tryTimeoutMs) });
    const text = await response.text();
    return { status: response.status, body: parsed(text), headers: response.headers };
  } catch {
    return undefined;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A field of an answer's body, as text; empty when there is none. */
export function textIn(body: unknown, ...path: string[]): string {
  let value: unknown = body;
  for (const name of path) value = Reflect.get(Object(value), name);
  return typeof value === 'string' ? value : '';
}
