import { expect, it } from 'vitest';
import { isLate } from './is-late.ts';

it('is late where no event came within the last ten seconds', () => {
  const now = 1_000_000;
  expect(isLate([now - 10_001, now - 60_000], now)).toBe(true);
  expect(isLate([now - 10_000, now - 60_000], now)).toBe(false);
  expect(isLate([now + 5_000], now)).toBe(false);
});
