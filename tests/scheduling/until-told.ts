import { setTimeout as sleep } from 'node:timers/promises';

export interface Request {
  method?: string;
  headers: Readonly<Record<string, string>>;
  body: unknown;
}

export interface Told {
  status: number;
  /** How often it was asked: before the last time something may have been done that nobody was told of. */
  tries: number;
  body: Record<string, unknown>;
}

const pauseMs = 250;

/**
 * Asks again until it is told: a service that is killed answers nothing, and one that can't now says so. `isTold` false: the
 * answer asks for a moment.
 * @throws Error when nothing is told in time
 */
export async function untilTold(
  url: string,
  { method = 'POST', headers, body }: Request,
  isTold: (told: Told) => boolean = () => true,
  withinMs = 120_000,
): Promise<Told> {
  const until = performance.now() + withinMs;
  const init = {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
  for (let tries = 1; performance.now() < until; tries++) {
    const told = await ask(url, init, tries);
    if (told && told.status < 500 && told.status !== 429 && isTold(told)) return told;
    await sleep(pauseMs);
  }
  throw new Error(`${new URL(url).pathname} told nothing in time`);
}

async function ask(url: string, init: RequestInit, tries: number): Promise<Told | undefined> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(10_000) });
    const text = await response.text();
    return { status: response.status, tries, body: Object(text === '' ? {} : JSON.parse(text)) };
  } catch {
    return undefined;
  }
}
