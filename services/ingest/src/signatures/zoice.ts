import { createHmac } from 'node:crypto';
import { isFresh, oneHeader, readUnixSeconds, type SignatureScheme } from './scheme.ts';

/**
 * Zoice's own: `X-Zoice-Signature: t=<unix>,v1=<hex HMAC-SHA256 of "t.body">`, keyed with the secret's text. Several
 * `v1` are allowed, since a vendor that rotates its secret signs with both.
 */
export const zoiceScheme: SignatureScheme = {
  mode: 'zoice',
  header: 'x-zoice-signature',
  headers: ['x-zoice-signature'],
  read(headers, nowSeconds) {
    const parts = (oneHeader(headers, 'x-zoice-signature') ?? '').split(',').map((part) => part.trim());
    const times = parts.filter((part) => part.startsWith('t=')).map((part) => part.slice(2));
    const presented = parts
      .filter((part) => /^v1=[0-9a-f]{64}$/i.test(part))
      .map((part) => Buffer.from(part.slice(3), 'hex'));
    const [timestamp] = times;
    const seconds = readUnixSeconds(timestamp);
    if (times.length !== 1 || seconds === undefined || presented.length === 0) return 'malformed';
    if (!isFresh(seconds, nowSeconds)) return 'stale';
    return {
      presented,
      expected: ({ textKey }, body) => [
        createHmac('sha256', textKey).update(`${timestamp}.`).update(body).digest(),
      ],
    };
  },
};
