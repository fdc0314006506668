import { createLogger, createMetrics, type Sealer } from '@switchboard/platform';
import { resolveHost } from '@switchboard/platform/resolve-host';
import type { Rounds } from '@switchboard/platform/rounds';
import type { Pool } from '@switchboard/postgres';
import { startWebhookWorker, type WebhookWorkerOptions } from '../webhooks/worker.ts';

/** A worker in the test's own process, and all that it said. */
export interface TestWorker extends Rounds {
  log: string[];
  /** Metrics, in the text format. */
  metrics(): Promise<string>;
}

export function startTestWorker(
  pool: Pool,
  sealer: Sealer,
  options: Partial<WebhookWorkerOptions> = {},
): TestWorker {
  const log: string[] = [];
  const metrics = createMetrics('test');
  const worker = startWebhookWorker({
    pool,
    sealer,
    logger: createLogger({ service: 'test', level: 'trace' }, { write: (line) => log.push(line) }),
    metrics,
    failures: metrics.counter('failures_total', 'Failures.', ['job']),
    concurrency: 20,
    timeoutMs: 20_000,
    targets: { WEBHOOKS_ALLOW_HTTP: true, WEBHOOKS_ALLOW_PRIVATE: true },
    resolve: resolveHost,
    now: Date.now,
    ...options,
  });
  return { ...worker, log, metrics: async () => (await metrics.render()).body };
}
