import { createHmac } from 'node:crypto';

export type SignedHeaders = Readonly<Record<string, string>>;

/**
 * Headers of a Zoice webhook: `X-Zoice-Signature: t=<unix>,v1=<hex HMAC-SHA256 of "t.body">`.
 * @param unixSeconds when it is sent
 */
export function signZoice(secret: string, body: string | Buffer, unixSeconds: number): SignedHeaders {
  const digest = createHmac('sha256', secret).update(`${unixSeconds}.`).update(body).digest('hex');
  return { 'content-type': 'application/json', 'x-zoice-signature': `t=${unixSeconds},v1=${digest}` };
}

/**
 * Headers of Standard Webhooks: `webhook-signature: v1,<base64 HMAC-SHA256 of "id.timestamp.body">`.
 * @param secret `whsec_` and base64, as the standard has it, or plain text
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function signStandardWebhook(
  secret: string,
  body: string | Buffer,
  unixSeconds: number,
  id: string,
): SignedHeaders {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret);
  const digest = createHmac('sha256', key).update(`${id}.${unixSeconds}.`).update(body).digest('base64');
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(unixSeconds),
    'webhook-signature': `v1,${digest}`,
  };
}
