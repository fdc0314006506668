/** One thing measured; printed as one JSON object per line on stdout. */
export interface Result {
  bench: string;
  what: string;
  /** How many of `unit` were done in `seconds`. */
  count: number;
  unit: string;
  seconds: number;
  per_second: number;
  p50_ms?: number;
  p95_ms?: number;
  p99_ms?: number;
  /** Highest resident memory by process, MiB. */
  peak_memory_mib?: Record<string, number>;
  /** Processor time of each process for one of `unit`, ms. */
  cpu_ms_per_unit?: Record<string, number>;
  /** What it was paired with in the same run, or may be at most. */
  reference?: { what: string; per_second?: number; p99_ms?: number; sum_mib?: number };
  /** `per_second` over the reference's, median of the paired rounds. */
  ratio?: number;
  /** Each round, per second. */
  rounds?: readonly number[];
  /** Other figures, each under its name with its unit. */
  figures?: Record<string, number>;
}

/** Runs one bench. Results go to `emit`, what is going on to `say`. */
export type Bench = (context: BenchContext) => Promise<void>;

export interface BenchContext {
  /** How long each measured round lasts. */
  seconds: number | undefined;
  /** How large a state the bench makes, for those that make one. */
  events: number | undefined;
  emit(result: Result): void;
  say(line: string): void;
}

/** p50, p95 and p99 of latencies in ms. */
export function latencies(values: readonly number[]): Pick<Result, 'p50_ms' | 'p95_ms' | 'p99_ms'> {
  const sorted = Float64Array.from(values).sort();
  return {
    p50_ms: round(quantile(sorted, 0.5)),
    p95_ms: round(quantile(sorted, 0.95)),
    p99_ms: round(quantile(sorted, 0.99)),
  };
}

/** By the nearest rank, of ascending values; NaN of none. */
function quantile(ascending: Float64Array, part: number): number {
  return ascending[Math.max(0, Math.ceil(ascending.length * part) - 1)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return quantile(Float64Array.from(values).sort(), 0.5);
}

export function round(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}
