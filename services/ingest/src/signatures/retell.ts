import { createHmac } from 'node:crypto';
import { isFresh, oneHeader, type SignatureScheme } from './scheme.ts';

/**
 * Retell's: `x-retell-signature: v=<Unix milliseconds>,d=<hex HMAC-SHA256 of body and that number>`, keyed with the text
 * of the account's API key.
 *
 * @see https://docs.retellai.com/features/secure-webhook
 */
export const retellScheme: SignatureScheme = {
  mode: 'retell',
  header: 'x-retell-signature',
  headers: ['x-retell-signature'],
  read(headers, nowSeconds) {
    const match = /^v=(\d{13}),d=([0-9a-f]{64})$/i.exec(oneHeader(headers, 'x-retell-signature') ?? '');
    const [, timestamp, digest] = match ?? [];
    if (timestamp === undefined || digest === undefined) return 'malformed';
    if (!isFresh(Number(timestamp) / 1_000, nowSeconds)) return 'stale';
    return {
      presented: [Buffer.from(digest, 'hex')],
      expected: ({ textKey }, body) => [
        createHmac('sha256', textKey).update(body).update(timestamp).digest(),
      ],
    };
  },
};
