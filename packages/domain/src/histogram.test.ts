import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketOf, bucketValue, quantileOfHistogram } from './histogram.ts';

describe('histogram buckets', () => {
  it('give a value back within 1 %', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }), (value) => {
        expect(Math.abs(bucketValue(bucketOf(value)) - value)).toBeLessThanOrEqual(
          Math.abs(value) * 0.0100001,
        );
      }),
    );
  });

  it('keep the order of values and fit 16 bits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e12 }), fc.integer({ min: 0, max: 1e12 }), (a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        expect(bucketOf(low)).toBeLessThanOrEqual(bucketOf(high));
        expect(bucketOf(high)).toBeLessThan(32_768);
      }),
    );
  });

  it('answer quantiles by nearest rank within 1 %', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 10_000_000 }), { minLength: 1 }),
        fc.constantFrom(0.5, 0.9, 0.95),
        (values, q) => {
          const counts = new Map<number, number>();
          for (const value of values) counts.set(bucketOf(value), (counts.get(bucketOf(value)) ?? 0) + 1);
          const exact = values.sort((a, b) => a - b)[Math.ceil(q * values.length) - 1] ?? Number.NaN;
          expect(Math.abs((quantileOfHistogram(counts, q) ?? Number.NaN) - exact)).toBeLessThanOrEqual(
            exact * 0.0100001,
          );
        },
      ),
    );
  });

  it('pass over buckets that were taken back, and say null when nothing is left', () => {
    expect(
      quantileOfHistogram(
        new Map([
          [bucketOf(100), 0],
          [bucketOf(7), 2],
        ]),
        0.9,
      ),
    ).toBeCloseTo(7, 0);
    expect(quantileOfHistogram(new Map([[3, 0]]), 0.5)).toBeNull();
  });
});
