import { setTimeout as sleep } from 'node:timers/promises';
import { signZoice } from '../signing.ts';

export interface PostOptions {
  url: string;
  secret: string;
  /** Begins each request, at once unless told: the place to bound how many are under way. */
  begin?: (request: () => Promise<void>) => Promise<void>;
  /** When each try begins, ms after the first; five within 30 s unless told, as vendors do. */
  triesAt?: readonly number[];
}

export interface PostResult {
  accepted: boolean;
  /** How often it was posted. */
  tries: number;
  /** Of the last try, ms. */
  answerMs: number;
  /** Status of the last answer; 0: none came. */
  status: number;
}

const usualTries = [0, 1_000, 4_000, 11_000, 24_000];
const tryTimeoutMs = 5_000;

/** Posts one signed event until it is accepted, refused for good, or the tries are used up. */
export async function postWebhook(options: PostOptions, body: string): Promise<PostResult> {
  const { url, secret, begin = (request) => request(), triesAt = usualTries } = options;
  const firstAt = performance.now();
  let result: PostResult = { accepted: false, tries: 0, answerMs: 0, status: 0 };
  for (const at of triesAt) {
    await sleep(Math.max(0, firstAt + at - performance.now()));
    await begin(async () => {
      const startedAt = performance.now();
      const status = await postOnce(url, secret, body);
      const answerMs = performance.now() - startedAt;
      result = { accepted: status === 202, tries: result.tries + 1, answerMs, status };
    });
    const { status } = result;
    // 408: it did not come whole in time, on a machine that is busy.
    if (status !== 0 && status !== 408 && status !== 429 && status < 500) break;
  }
  return result;
}

async function postOnce(url: string, secret: string, body: string): Promise<number> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: signZoice(secret, body, Math.floor(Date.now() / 1_000)),
      body,
      signal: AbortSignal.timeout(tryTimeoutMs),
    });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 0;
  }
}
