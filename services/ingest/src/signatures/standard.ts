import { createHmac } from 'node:crypto';
import { isFresh, oneHeader, readUnixSeconds, type SignatureScheme } from './scheme.ts';

/**
 * Standard Webhooks: `webhook-signature` holds one or more `v1,<base64 HMAC-SHA256 of "id.timestamp.body">`, separated
 * by spaces; other versions are passed over.
 *
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export const standardScheme: SignatureScheme = {
  mode: 'standard',
  header: 'webhook-signature',
  headers: ['webhook-id', 'webhook-timestamp', 'webhook-signature'],
  read(headers, nowSeconds) {
    const id = oneHeader(headers, 'webhook-id');
    const timestamp = oneHeader(headers, 'webhook-timestamp');
    const seconds = readUnixSeconds(timestamp);
    if (!id || seconds === undefined) return 'malformed';
    if (!isFresh(seconds, nowSeconds)) return 'stale';
    const presented = (oneHeader(headers, 'webhook-signature') ?? '')
      .split(' ')
      .filter((part) => part.startsWith('v1,'))
      .map((part) => Buffer.from(part.slice(3), 'base64'));
    if (presented.length === 0) return 'malformed';
    return {
      presented,
      // Some senders key with a secret's text where the standard has its base64 decoded.
      expected: ({ standardKey, textKey }, body) =>
        [standardKey, textKey].map((key) =>
          createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest(),
        ),
    };
  },
};
