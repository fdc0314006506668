import { createHmac, randomInt, randomUUID } from 'node:crypto';
import { signWebhook } from '../webhooks/sign.ts';

/** Of the canary's clinic, as in the path of its webhook. */
export const canarySlug = 'switchboard-canary';

/** The canary's webhook secret: the same for every process with this key, and kept nowhere else. */
export function canarySecret(secretsKey: Buffer): string {
  return `whsec_${createHmac('sha256', secretsKey).update('canary webhook').digest('base64')}`;
}

/**
 * A webhook that tells of nobody: one call a day, whose length changes with each event, so that each changes a number and
 * rows stay few.
 * @param now Unix ms
 */
export function canaryWebhook(
  secret: string,
  now: number,
): { body: string; headers: Record<string, string> } {
  const at = new Date(now).toISOString();
  const id = randomUUID();
  const body = JSON.stringify({
    event: 'call.completed',
    event_id: id,
    occurred_at: at,
    call: {
      id: `canary-${at.slice(0, 10)}`,
      direction: 'inbound',
      status: 'completed',
      started_at: `${at.slice(0, 10)}T00:00:00Z`,
      duration_seconds: randomInt(1, 1_000_000),
    },
  });
  const signed = signWebhook({ id, body, unixSeconds: Math.floor(now / 1_000), secrets: [secret] });
  return { body, headers: { 'content-type': 'application/json', ...signed } };
}
