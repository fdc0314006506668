import { describe, expect, it } from 'vitest';
import { nextCycleAfterMs } from './pace.ts';

const few = { backlog: false, rows: 100 };

describe('the pace of cycles', () => {
  it('is five a second at most, however short they are', () => {
    expect([0, 20, 100].map((took) => nextCycleAfterMs(took, few))).toEqual([200, 200, 200]);
  });

  it('leaves as much time as a cycle took, a second at most', () => {
    expect([150, 400, 1_000, 5_000].map((took) => nextCycleAfterMs(took, few))).toEqual([
      300, 800, 2_000, 6_000,
    ]);
  });

  it('leaves a second while much is caught up on', () => {
    const many = { backlog: false, rows: 500 };
    expect([50, 400, 5_000].map((took) => nextCycleAfterMs(took, many))).toEqual([1_050, 1_400, 6_000]);
  });

  it('knows no rest while full blocks wait', () => {
    const full = { backlog: true, rows: 200_000 };
    expect([50, 5_000].map((took) => nextCycleAfterMs(took, full))).toEqual([200, 200]);
  });
});
