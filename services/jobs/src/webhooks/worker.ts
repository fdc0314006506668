import type { Metrics } from '@switchboard/platform';
import { type Rounds, type RoundsOptions, startRounds } from '@switchboard/platform/rounds';
import { withTenant } from '@switchboard/postgres';
import {
  type ClaimedDelivery,
  claimDeliveries,
  type DueEndpoint,
  dueEndpoints,
} from '@switchboard/postgres/webhooks/deliveries';
import { type DeliverOptions, deliver } from './deliver.ts';

export interface WebhookWorkerOptions extends DeliverOptions, Pick<RoundsOptions, 'failures'> {
  metrics: Metrics;
  /** Attempts under way at a time. */
  concurrency: number;
}

const name = 'webhooks';
/** Retries become due without a word. */
const everyMs = 1_000;
/** Attempts under way at one endpoint; one that fails is tried with one at a time. */
const perEndpoint = 2;
/** To write down how an attempt ended, after all of the time that it may take. */
const markMs = 10_000;

/**
 * Tells endpoints what is due until it is stopped; any number of processes may do it at once. Endpoints take turns, those
 * of clinics with least under way first, and failing ones get no more than half of all attempts: a slow or dead receiver
 * holds up no other.
 */
export function startWebhookWorker(options: WebhookWorkerOptions): Rounds {
  const { pool, logger, failures, metrics, concurrency } = options;
  const attempts = metrics.counter(
    'switchboard_webhook_attempts_total',
    'Outgoing webhooks, by how they ended.',
    ['result'],
  );
  const underWay = new Map<Promise<void>, DueEndpoint>();
  metrics.gauge('switchboard_webhook_attempts_under_way', 'Outgoing webhooks under way.', [], (gauge) =>
    gauge.set(underWay.size),
  );

  function count(matches: (endpoint: DueEndpoint) => boolean): number {
    return [...underWay.values()].filter(matches).length;
  }

  function freeFor({ endpointId, failing }: DueEndpoint): number {
    const here = count((endpoint) => endpoint.endpointId === endpointId);
    const free = Math.min(concurrency - underWay.size, (failing ? 1 : perEndpoint) - here);
    return failing
      ? Math.min(free, Math.floor(concurrency / 2) - count((endpoint) => endpoint.failing))
      : free;
  }

  function begin(endpoint: DueEndpoint, delivery: ClaimedDelivery): void {
    const attempt = deliver(options, delivery)
      .then((result) => attempts.inc({ result }))
      .catch((error: unknown) => {
        // The claim runs out, and it comes again.
        failures.inc({ job: name });
        logger.warn({ job: name, error }, 'how a webhook ended is not written down');
      })
      .then(() => {
        underWay.delete(attempt);
        rounds.wake();
      });
    underWay.set(attempt, endpoint);
  }

  async function round(signal: AbortSignal): Promise<boolean> {
    const due = await dueEndpoints(pool);
    for (const endpoint of inTurn(due, (tenantId) => count((one) => one.tenantId === tenantId))) {
      const most = freeFor(endpoint);
      if (most <= 0) continue;
      if (signal.aborted) return false;
      const claimed = await withTenant(pool, endpoint.tenantId, (client) =>
        claimDeliveries(client, endpoint, { most, leaseMs: options.timeoutMs + markMs }),
      );
      for (const delivery of claimed) begin(endpoint, delivery);
    }
    return false;
  }

  const rounds = startRounds({ name, everyMs, work: round, logger, failures });
  return {
    wake: rounds.wake,
    async stop() {
      await rounds.stop();
      await Promise.all(underWay.keys());
    },
  };
}

/** Clinics with least under way first, and at random among equals, so that no clinic or endpoint is always the last. */
function inTurn(due: readonly DueEndpoint[], busy: (tenantId: string) => number): DueEndpoint[] {
  return due
    .map((endpoint) => ({ endpoint, rank: busy(endpoint.tenantId) + Math.random() / 2 }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ endpoint }) => endpoint);
}
