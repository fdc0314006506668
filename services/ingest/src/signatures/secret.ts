import { createHash } from 'node:crypto';
import { oneHeader, type SignatureScheme } from './scheme.ts';

/**
 * `X-Webhook-Secret`: the secret itself. It proves nothing about the body or the time, so a tenant has it off unless
 * switched on. Hashes are compared, so that lengths are equal and no time tells how much was right.
 */
export const secretScheme: SignatureScheme = {
  mode: 'secret',
  header: 'x-webhook-secret',
  headers: ['x-webhook-secret'],
  read(headers) {
    const given = oneHeader(headers, 'x-webhook-secret');
    if (!given) return 'malformed';
    // Node gives header bytes as Latin-1.
    return {
      presented: [sha256(Buffer.from(given, 'latin1'))],
      expected: ({ textDigest }) => [textDigest],
    };
  },
};

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
