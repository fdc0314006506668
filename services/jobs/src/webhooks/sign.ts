import { createHmac } from 'node:crypto';

export interface SignOptions {
  /** The delivery's id, the same for every attempt. */
  id: string;
  body: string;
  /** When this attempt is made, Unix seconds. */
  unixSeconds: number;
  /** `whsec_` and base64; several while one is rotated. */
  secrets: readonly string[];
}

/**
 * Headers of Standard Webhooks: one signature for each secret, so that a receiver which knows either is content.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function signWebhook({ id, body, unixSeconds, secrets }: SignOptions): Record<string, string> {
  const signed = `${id}.${unixSeconds}.${body}`;
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': String(unixSeconds),
    'webhook-signature': signatures.join(' '),
  };
}
