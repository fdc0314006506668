import { mulberry32 } from '../random-calls.ts';

/** Chance by seed: the same seed gives the same choices. */
export interface Random {
  /** 0 to below 1. */
  next(): number;
  /** Whole, both ends included. */
  between(least: number, most: number): number;
  chance(probability: number): boolean;
  pick<T>(values: readonly T[]): T;
  /** A value by its weight. */
  weighted<T>(values: readonly (readonly [number, T])[]): T;
  shuffle<T>(values: readonly T[]): T[];
}

export function createRandom(seed: number): Random {
  const next = mulberry32(seed);
  const between = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
  const pick = <T>(values: readonly T[]): T => {
    const value = values[between(0, values.length - 1)];
    if (value === undefined) throw new RangeError('nothing to pick from');
    return value;
  };
  return {
    next,
    between,
    pick,
    chance: (probability) => next() < probability,
    weighted(values) {
      let left = next() * values.reduce((sum, [weight]) => sum + weight, 0);
      for (const [weight, value] of values) {
        left -= weight;
        if (left < 0) return value;
      }
      return pick(values)[1];
    },
    shuffle(values) {
      const shuffled = [...values];
      for (let at = shuffled.length - 1; at > 0; at--) {
        const other = between(0, at);
        const [left, right] = [shuffled[at], shuffled[other]];
        if (left === undefined || right === undefined) continue;
        shuffled[at] = right;
        shuffled[other] = left;
      }
      return shuffled;
    },
  };
}
