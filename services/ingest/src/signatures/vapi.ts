import { createHash, createHmac } from 'node:crypto';
import { isFresh, oneHeader, type SignatureScheme } from './scheme.ts';

/**
 * A Vapi credential of kind HMAC with its defaults: `x-signature` is the hex HMAC-SHA256 of "timestamp.body", keyed with the
 * secret's text, `x-timestamp` the Unix time. Seconds and milliseconds are both taken: Vapi does not say which.
 *
 * @see https://docs.vapi.ai/server-url/server-authentication
 */
export const vapiScheme: SignatureScheme = {
  mode: 'vapi',
  header: 'x-signature',
  headers: ['x-signature', 'x-timestamp'],
  read(headers, nowSeconds) {
    const timestamp = oneHeader(headers, 'x-timestamp') ?? '';
    const digest = /^(?:sha256=)?([0-9a-f]{64})$/i.exec(oneHeader(headers, 'x-signature') ?? '')?.[1];
    if (!/^\d{10}(\d{3})?$/.test(timestamp) || digest === undefined) return 'malformed';
    if (!isFresh(Number(timestamp.slice(0, 10)), nowSeconds)) return 'stale';
    return {
      presented: [Buffer.from(digest, 'hex')],
      expected: ({ textKey }, body) => [
        createHmac('sha256', textKey).update(`${timestamp}.`).update(body).digest(),
      ],
    };
  },
};

/** The secret itself, as Vapi's `server.secret` (`X-Vapi-Secret`) and its bearer credentials send it; see `secretScheme`. */
export const vapiSecretSchemes: readonly SignatureScheme[] = [
  plainSecret('x-vapi-secret', (value) => value),
  plainSecret('authorization', (value) => /^Bearer +(\S+)$/i.exec(value)?.[1]),
];

function plainSecret(header: string, secretIn: (value: string) => string | undefined): SignatureScheme {
  return {
    mode: 'secret',
    header,
    headers: [header],
    read(headers) {
      const given = secretIn(oneHeader(headers, header) ?? '');
      if (!given) return 'malformed';
      // Node gives header bytes as Latin-1.
      const digest = createHash('sha256').update(Buffer.from(given, 'latin1')).digest();
      return { presented: [digest], expected: ({ textDigest }) => [textDigest] };
    },
  };
}
