import { expect, it } from 'vitest';
import { judgeFault } from './send-faults.ts';
import { TwilioRefusal } from './twilio-client.ts';

const now = Date.parse('2026-11-28T10:00:00Z');
const failed = (fields: object, cause?: unknown) => Object.assign(new Error('failed', { cause }), fields);

it.each([
  [400, 63_016, { kind: 'refused', code: '63016' }],
  [400, 21_610, { kind: 'refused', code: '21610' }],
  [401, 20_003, { kind: 'refused', code: '20003' }],
  [404, undefined, { kind: 'refused', code: 'http_404' }],
  [307, undefined, { kind: 'refused', code: 'http_307' }],
  // A gateway that gave up may have handed it on before.
  [500, 20_500, { kind: 'unclear', code: '20500' }],
  [502, undefined, { kind: 'unclear', code: 'http_502' }],
  [503, undefined, { kind: 'unclear', code: 'http_503' }],
])('an answer %i with code %s', (status, code, fault) => {
  expect(judgeFault(new TwilioRefusal(status, code, undefined), now)).toEqual(fault);
});

it.each([
  [undefined, undefined],
  ['3', 3_000],
  ['Sat, 28 Nov 2026 10:00:07 GMT', 7_000],
])('an answer 429 with Retry-After %s passes', (header, retryAfterMs) => {
  expect(judgeFault(new TwilioRefusal(429, 20_429, header), now)).toEqual({
    kind: 'passing',
    code: '20429',
    retryAfterMs,
  });
});

it.each([
  ['refused', failed({ code: 'ECONNREFUSED', syscall: 'connect' })],
  ['not reached in time', failed({ code: 'ETIMEDOUT', syscall: 'connect' })],
  ['of an unknown name', failed({ code: 'ENOTFOUND', syscall: 'getaddrinfo' })],
  ['wrapped', failed({ code: 'ECONNREFUSED' }, failed({ code: 'ECONNREFUSED', syscall: 'connect' }))],
  [
    'to none of its addresses',
    failed(
      { code: 'ETIMEDOUT' },
      new AggregateError([failed({ syscall: 'connect' }), failed({ syscall: 'connect' })]),
    ),
  ],
])('a connection %s: nothing was taken', (_, error) => {
  expect(judgeFault(error, now)).toEqual({ kind: 'passing', code: 'not_connected', retryAfterMs: undefined });
});

it('a certificate that is not trusted: nothing was taken', () => {
  expect(judgeFault(failed({ code: 'SELF_SIGNED_CERT_IN_CHAIN' }), now)).toMatchObject({
    kind: 'passing',
    code: 'tls_failed',
  });
});

it.each([
  ['ended', failed({ code: 'ECONNRESET' }), 'no_answer'],
  ['ended while it was written to', failed({ code: 'ECONNRESET', syscall: 'write' }), 'no_answer'],
  ['ended while it was read', failed({ code: 'ETIMEDOUT', syscall: 'read' }), 'timeout'],
  ['that gave no answer in time', failed({ code: 'ECONNABORTED' }), 'timeout'],
  ['whose bytes were damaged', failed({ code: 'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC' }), 'no_answer'],
  [
    'of which one try was further',
    failed({}, new AggregateError([failed({ syscall: 'connect' }), failed({})])),
    'no_answer',
  ],
  ['and nobody knows why', failed({}), 'no_answer'],
])('a connection %s: nobody knows', (_, error, code) => {
  expect(judgeFault(error, now)).toEqual({ kind: 'unclear', code });
});

it('what is thrown that is no error is unclear', () => {
  expect(judgeFault('?', now)).toEqual({ kind: 'unclear', code: 'no_answer' });
});
