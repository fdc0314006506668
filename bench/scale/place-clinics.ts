import type { Random } from '@switchboard/testkit/simulate/random';

export interface Clinics {
  clinics: number;
  /** Of Zipf's law: the k-th largest sends 1/k^skew of what the largest does. */
  skew: number;
  /** Each has clinics of its own. */
  cells: number;
}

/** A clinic and its part of all events. */
export interface Placed {
  clinic: number;
  part: number;
}

/** The largest first, each to the cell that has least. */
export function placeClinics({ clinics, skew, cells }: Clinics): Placed[][] {
  const weights = Array.from({ length: clinics }, (_, index) => (index + 1) ** -skew);
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  const placed = Array.from({ length: cells }, () => ({ load: 0, clinics: [] as Placed[] }));
  for (const [clinic, weight] of weights.entries()) {
    const least = placed.reduce((best, cell) => (cell.load < best.load ? cell : best));
    least.load += weight;
    least.clinics.push({ clinic, part: weight / all });
  }
  return placed.map((cell) => cell.clinics);
}

/** Draws clinics by their parts. */
export function drawClinics(placed: readonly Placed[], random: Random): () => number {
  const sums = new Float64Array(placed.length);
  let sum = 0;
  for (const [index, { part }] of placed.entries()) {
    sum += part;
    sums[index] = sum;
  }
  return () => {
    const wanted = random.next() * sum;
    let [low, high] = [0, placed.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] ?? 0) < wanted) low = middle + 1;
      else high = middle;
    }
    return placed[low]?.clinic ?? 0;
  };
}
