import { describe, expect, it } from 'vitest';
import { millisecondsOf } from './duration.ts';

describe('millisecondsOf', () => {
  it.each([
    ['PT0S', 0],
    ['PT1H', 3_600_000],
    ['P14DT1H', 14 * 86_400_000 + 3_600_000],
  ])('%s is %s', (duration, ms) => {
    expect(millisecondsOf(duration)).toBe(ms);
  });

  it.each(['', '1 day', 'P1M', 'P1Y'])('refuses %j, which has no fixed length', (duration) => {
    expect(() => millisecondsOf(duration)).toThrow(RangeError);
  });
});
