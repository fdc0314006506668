import { setTimeout as sleep } from 'node:timers/promises';
import type { Demo } from '@switchboard/start';
import { z } from 'zod';

export interface NumbersWatch {
  /** How often the API was asked, and what it said. */
  outcomes: Record<string, number>;
  /** Most calls that it ever counted. */
  mostCalls: number;
  stop(): Promise<void>;
}

const answerSchema = z.object({ summary: z.object({ calls_total: z.object({ value: z.number() }) }) });
const PAUSE_MS = 500;

/** Asks the API for the number of calls again and again, as a dashboard does. */
export function watchNumbers(demo: Demo): NumbersWatch {
  const ended = new AbortController();
  const watch: NumbersWatch = {
    outcomes: {},
    mostCalls: 0,
    async stop() {
      ended.abort();
      await asking;
    },
  };
  const ask = async () => {
    while (!ended.signal.aborted) {
      let outcome = 'no answer';
      try {
        const calls = await countedCalls(demo);
        outcome = typeof calls === 'number' ? '200' : calls.status;
        if (typeof calls === 'number') watch.mostCalls = Math.max(watch.mostCalls, calls);
      } catch {
        // Killed, or the start of it.
      }
      watch.outcomes[outcome] = (watch.outcomes[outcome] ?? 0) + 1;
      await sleep(PAUSE_MS, undefined, { signal: ended.signal }).catch(() => undefined);
    }
  };
  const asking = ask();
  return watch;
}

/** `calls_total` of the last 30 days, or the status of an answer that was none. */
export async function countedCalls(demo: Demo): Promise<number | { status: string }> {
  const url = `${demo.api}/api/v1/analytics/voice-calls?time_period=last_30_days&metrics=calls_total`;
  const response = await fetch(url, {
    headers: { 'x-api-key': demo.api_key },
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  if (!response.ok) return { status: String(response.status) };
  return answerSchema.parse(JSON.parse(text)).summary.calls_total.value;
}
