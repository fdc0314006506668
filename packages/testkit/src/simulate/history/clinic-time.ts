import { localDateAt, localHourAt } from '@switchboard/domain/periods/zone';
import type { Random } from '../random.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;

/** How busy the days and hours of a clinic are. */
export interface ClinicTime {
  /** An instant in `[from, to)`, likelier where the clinic is busy. */
  instant(random: Random, from: number, to: number): number;
  /** Whether it falls into the one week in which everything goes wrong. */
  isBad(atMs: number): boolean;
}

/** By day of the week, Sunday first. */
const weekdayWeights = [0.05, 1.3, 1.1, 1, 1, 1.05, 0.7];

export interface ClinicTimeOptions {
  timeZone: string;
  startAt: number;
  days: number;
}

export function createClinicTime({ timeZone, startAt, days }: ClinicTimeOptions): ClinicTime {
  // Two thirds of the way: late enough to have a before, early enough to have an after.
  const badFrom = startAt + Math.floor((days * 2) / 3) * dayMs;
  const weight = (atMs: number) => {
    const date = localDateAt(atMs, timeZone);
    const day = Date.parse(`${date}T00:00:00Z`);
    const ofYear = (day - Date.UTC(new Date(day).getUTCFullYear(), 0)) / dayMs;
    // Coughs in winter, fevers in the rains.
    const season = 1 + 0.25 * Math.cos((2 * Math.PI * (ofYear - 15)) / 182);
    return (
      (weekdayWeights[new Date(day).getUTCDay()] ?? 1) * season * hourWeight(localHourAt(atMs, timeZone))
    );
  };
  return {
    instant(random, from, to) {
      for (let tries = 0; tries < 200; tries += 1) {
        const at = from + Math.floor(random.next() * (to - from));
        if (random.next() * 1.7 < weight(at)) return at;
      }
      return from + Math.floor((to - from) / 2);
    },
    isBad: (atMs) => atMs >= badFrom && atMs < badFrom + 7 * dayMs,
  };
}

/** Nights are quiet. */
function hourWeight(hour: number): number {
  if (hour < 7 || hour >= 22) return 0.01;
  if (hour < 9 || hour >= 20) return 0.25;
  return hour >= 13 && hour < 15 ? 0.6 : 1;
}

export { dayMs, hourMs };
