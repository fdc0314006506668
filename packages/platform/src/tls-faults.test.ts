import { expect, test } from 'vitest';
import { explainTlsFault } from './tls-faults.ts';

const settings = { authorities: 'X_CA', address: 'X_URL', tls: 'X_TLS' };
const withCode = (code: string, cause?: unknown) => Object.assign(new Error('text', { cause }), { code });

test.each([
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'check X_CA'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'check the host in X_URL'],
  ['CERT_HAS_EXPIRED', 'has expired'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'check X_TLS'],
])('%s is said in words', (code, words) => {
  expect(explainTlsFault(withCode(code), settings)).toContain(words);
});

test('is found below what a driver put around it, and beside what else was tried', () => {
  const fault = withCode('SELF_SIGNED_CERT_IN_CHAIN');
  expect(explainTlsFault(new Error('wrapped', { cause: fault }), settings)).toContain('X_CA');
  expect(explainTlsFault(new AggregateError([withCode('ECONNREFUSED'), fault]), settings)).toContain('X_CA');
});

test('a server that is away is no fault of a certificate', () => {
  expect(explainTlsFault(withCode('ECONNREFUSED'), settings)).toBeUndefined();
  expect(explainTlsFault('text', settings)).toBeUndefined();
});
