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
  /** How long one answer is waited for, ms; ten seconds unless told. */
  tryTimeoutMs?: number;
  /** By which patience ends, ms. */
  now?: () => number;
}

const firstPauseMs = 500;
const longestPauseMs = 5_000;
const patienceMs = 300_000;

/**
 * Asks the same again and again until there is a last word, as vendors and clients do.
 * @throws Error when there is none within five minutes: what came last, and how many tries had which end
 */
export async function insist(url: string, options: InsistOptions): Promise<Answer> {
  const { isFinal = ({ status }) => status < 500 && status !== 429 && status !== 408 } = options;
  const { tryTimeoutMs = 10_000, now = () => performance.now() } = options;
  const firstAt = now();
  const ends = new Map<string, number>();
  let last = 'no try';
  for (let tries = 1; now() - firstAt < patienceMs; tries += 1) {
    const begunAt = performance.now();
    const answer = await askOnce(url, options.init(), tryTimeoutMs);
    if (typeof answer !== 'string' && isFinal(answer)) {
      const asked = { status: answer.status, tries, answerMs: performance.now() - begunAt };
      options.asked.push(asked);
      return { ...answer, ...asked };
    }
    const end = typeof answer === 'string' ? answer : String(answer.status);
    ends.set(end, (ends.get(end) ?? 0) + 1);
    last = typeof answer === 'string' ? answer : `${end} ${JSON.stringify(answer.body).slice(0, 200)}`;
    await sleep(Math.min(longestPauseMs, firstPauseMs * 2 ** (tries - 1)));
  }
  const counted = [...ends].map(([end, times]) => `${end}: ${times}`).join('; ');
  throw new Error(`${new URL(url).pathname} was never taken: ${last} (tries by their end: ${counted})`);
}

/** @returns the answer, or why there was none */
async function askOnce(url: string, init: RequestInit, timeoutMs: number) {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs) });
    const text = await response.text();
    return { status: response.status, body: parsed(text), headers: response.headers };
  } catch (error) {
    const isLate = error instanceof DOMException && error.name === 'TimeoutError';
    return isLate ? `no answer within ${timeoutMs / 1_000} s` : 'no connection, or it broke';
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
