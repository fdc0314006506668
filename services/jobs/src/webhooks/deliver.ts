import type { Logger, OnStep, Sealer, WebhookTargets } from '@switchboard/platform';
import type { ResolveHost } from '@switchboard/platform/resolve-host';
import { type Pool, withTenant } from '@switchboard/postgres';
import {
  type ClaimedDelivery,
  type FailedAttempt,
  markDelivered,
  markFailed,
} from '@switchboard/postgres/webhooks/deliveries';
import { type Answer, postWebhook } from './post.ts';
import { nextPause, pauseAfterMs, readRetryAfter } from './schedule.ts';
import { signWebhook } from './sign.ts';

export interface DeliverOptions {
  pool: Pool;
  sealer: Sealer;
  logger: Logger;
  timeoutMs: number;
  targets: WebhookTargets;
  resolve: ResolveHost;
  now(): number;
  /** Told before the receiver is asked, between its answer and what is written of it, and after that. */
  onStep?: OnStep<'webhook-claimed' | 'webhook-answered' | 'webhook-marked'>;
}

/**
 * Makes the attempt that was claimed, and writes down how it ended. A process that dies between the two leaves the claim,
 * which runs out: the receiver then gets the same `webhook-id` again.
 * @returns `delivered`, `refused` (an answer that is no 2xx), or why there was no answer
 */
export async function deliver(options: DeliverOptions, delivery: ClaimedDelivery): Promise<string> {
  const { pool, sealer, now } = options;
  await options.onStep?.('webhook-claimed');
  const body = JSON.stringify(delivery.body);
  const secrets = [delivery.sealedSecret, delivery.previousSealedSecret]
    .filter((sealed) => sealed !== null)
    .map((sealed) => sealer.open(sealed).toString());
  const headers = signWebhook({ id: delivery.id, body, unixSeconds: Math.floor(now() / 1_000), secrets });
  const answer = await postWebhook({ url: delivery.url, headers, body }, options);
  await options.onStep?.('webhook-answered');
  if ('status' in answer && answer.status >= 200 && answer.status < 300) {
    await withTenant(pool, delivery.tenantId, (client) => markDelivered(client, delivery, answer.status));
    await options.onStep?.('webhook-marked');
    return 'delivered';
  }
  const failed = failedAttempt(answer, delivery.attempts + 1, now());
  const paused = await withTenant(pool, delivery.tenantId, (client) => markFailed(client, delivery, failed));
  if (paused !== null) {
    const { tenantId: tenant_id, endpointId: endpoint_id } = delivery;
    options.logger.warn({ tenant_id, endpoint_id, reason: paused }, 'a receiver of webhooks is paused');
  }
  return 'fault' in answer ? answer.fault : 'refused';
}

/** What follows from an attempt, the `attempts`th, that was not taken. */
function failedAttempt(answer: Answer, attempts: number, nowMs: number): FailedAttempt {
  const status = 'status' in answer ? answer.status : null;
  const retryAfter = 'status' in answer ? readRetryAfter(answer.retryAfter, nowMs) : undefined;
  const pause = nextPause(attempts);
  return {
    status,
    fault: 'fault' in answer ? answer.fault : null,
    nextAttemptAt: pause === undefined ? null : new Date(nowMs + Math.max(pause, retryAfter ?? 0)),
    notBefore: retryAfter === undefined ? null : new Date(nowMs + retryAfter),
    gone: status === 410,
    pauseIfFailingSince: new Date(nowMs - pauseAfterMs),
  };
}
