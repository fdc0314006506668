import fc from 'fast-check';
import { expect, test } from 'vitest';
import { furtherStatus, type ToldStatus } from './message-status.ts';

const said = (status: string, at = 1, errorCode: string | null = null): ToldStatus => ({
  status,
  at,
  errorCode,
});

test.each([
  ['queued', 'sent', 'sent'],
  ['delivered', 'sent', 'delivered'],
  ['read', 'delivered', 'read'],
  ['read', 'failed', 'failed'],
  ['undelivered', 'delivered', 'undelivered'],
  ['unknown', 'queued', 'queued'],
  ['unknown', 'read', 'read'],
])('of %s and %s holds %s', (left, right, holds) => {
  expect(furtherStatus(said(left, 5), said(right, 9)).status).toBe(holds);
  expect(furtherStatus(said(right, 5), said(left, 9)).status).toBe(holds);
});

test('of one status told twice it is the first time', () => {
  expect(furtherStatus(said('read', 9), said('read', 5))).toEqual(said('read', 5));
});

test('any order, grouping and repetition ends the same', () => {
  const status = fc.record({
    status: fc.constantFrom(
      'queued',
      'received',
      'sent',
      'delivered',
      'read',
      'failed',
      'undelivered',
      'unknown',
    ),
    at: fc.integer({ min: 0, max: 3 }),
    errorCode: fc.constantFrom(null, '63016', '21610'),
  });
  fc.assert(
    fc.property(status, status, status, (a, b, c) => {
      expect(furtherStatus(a, b)).toEqual(furtherStatus(b, a));
      expect(furtherStatus(furtherStatus(a, b), c)).toEqual(furtherStatus(a, furtherStatus(b, c)));
      expect(furtherStatus(a, a)).toEqual(a);
    }),
  );
});
