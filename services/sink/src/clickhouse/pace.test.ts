import { describe, expect, it } from 'vitest';
import { nextCycleAfterMs } from './pace.ts';

describe('the pace of cycles', () => {
  it('is five a second at most, however short they are', () => {
    expect([0, 20, 100].map((took) => nextCycleAfterMs(took, false))).toEqual([200, 200, 200]);
  });

  it('leaves as much time as a cycle took, a second at most', () => {
    expect([150, 400, 1_000, 5_000].map((took) => nextCycleAfterMs(took, false))).toEqual([
      300, 800, 2_000, 6_000,
    ]);
  });

  it('knows no rest while full blocks wait', () => {
    expect([50, 5_000].map((took) => nextCycleAfterMs(took, true))).toEqual([200, 200]);
  });
});
