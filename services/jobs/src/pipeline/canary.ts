import { canaryTenantId } from '@switchboard/domain/canary';
import { type Logger, type Metrics, type Sealer, SwitchboardError, sleep } from '@switchboard/platform';
import { type Rounds, type RoundsOptions, startRounds } from '@switchboard/platform/rounds';
import type { Pool } from '@switchboard/postgres';
import {
  type CanaryStage,
  canaryStage,
  ensureCanary,
  readClock,
} from '@switchboard/postgres/pipeline/canary';
import { z } from 'zod';
import { canarySecret, canarySlug, canaryWebhook } from './canary-event.ts';

export interface CanaryOptions extends Pick<RoundsOptions, 'failures'> {
  pool: Pool;
  sealer: Pick<Sealer, 'seal'>;
  secretsKey: Buffer;
  /** Where ingest answers, without a path. */
  ingestUrl: string;
  everyMs: number;
  logger: Logger;
  metrics: Metrics;
  now(): number;
}

const lookMs = 100;
const answerMs = 5_000;
const acceptedShape = z.object({ event_id: z.uuid() });

/**
 * Sends an event of a clinic of its own through the whole way again and again, and measures how long it takes from ingest's
 * answer until the numbers have it. One that has not come through when the next is due is `lost`, and told of.
 */
export function startCanary(options: CanaryOptions): Rounds {
  const { metrics, pool, now, everyMs, logger } = options;
  const visible = metrics.histogram(
    'switchboard_canary_visible_seconds',
    'From ingest’s answer until ClickHouse’s numbers have the canary’s event.',
    [],
    [0.25, 0.5, 1, 2, 3, 5, 10, 20, 30, 60],
  );
  const results = metrics.counter(
    'switchboard_canary_events_total',
    'Events of the canary, by how they ended.',
    ['result'],
  );
  let through = now();
  metrics.gauge(
    'switchboard_canary_age_seconds',
    'Time since an event of the canary last came through, or since the start.',
    [],
    (gauge) => gauge.set((now() - through) / 1_000),
  );
  const secret = canarySecret(options.secretsKey);
  let isMade = false;

  /** @returns the id that ingest gave it */
  async function send(): Promise<string | undefined> {
    const { body, headers } = canaryWebhook(secret, now());
    const url = `${options.ingestUrl}/api/v1/voice/webhook/${canarySlug}`;
    const answer = await fetch(url, {
      method: 'POST',
      body,
      headers,
      signal: AbortSignal.timeout(answerMs),
    }).catch((cause: unknown) => {
      throw new SwitchboardError('ingest_away', 'ingest did not answer', { retryable: true, cause });
    });
    const said: unknown = await answer.json().catch(() => undefined);
    if (answer.status !== 202)
      throw new SwitchboardError('canary_refused', `ingest answered ${answer.status}`, { retryable: true });
    return acceptedShape.safeParse(said).data?.event_id;
  }

  return startRounds({
    ...options,
    name: 'canary',
    async work(signal) {
      if (!isMade) await ensureCanary(pool, canaryTenantId, options.sealer.seal(Buffer.from(secret)));
      isMade = true;
      const since = await readClock(pool);
      const eventId = await send().catch((error: unknown) => {
        results.inc({ result: 'refused' });
        throw error;
      });
      const sentAt = now();
      let stage: CanaryStage = 'not taken';
      while (!signal.aborted && now() - sentAt < everyMs) {
        stage = await canaryStage(pool, canaryTenantId, since);
        if (stage === 'visible') {
          through = now();
          visible.observe((through - sentAt) / 1_000);
          results.inc({ result: 'visible' });
          return false;
        }
        await sleep(lookMs, signal);
      }
      if (signal.aborted) return false;
      results.inc({ result: 'lost' });
      logger.warn({ job: 'canary', event_id: eventId, stage }, 'an event of the canary has not come through');
      return true;
    },
  });
}
