import { type Result, round } from '../report.ts';
import type { Consumer, Round } from './run-round.ts';
import type { StageUsage } from './watch-stage.ts';

export const consumers: readonly Consumer[] = ['enrich', 'sink-postgres', 'sink-clickhouse'];
const engines = ['kafka', 'postgres', 'clickhouse'];

/** What each consumer did in a round, against what one instance of it did in the first and in the last round. */
export function compareInstances({ instances, stages }: Round, rounds: readonly Round[]): Result[] {
  const alone = rounds.filter((one) => one.instances === 1);
  return consumers.map((name) => {
    const usage = stages[name];
    const rates = alone.map((one) => perSecond(one.stages[name]));
    const reference = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
    return {
      bench: 'scale',
      what: `${name}, ${instances} of them, what waits in Kafka already`,
      count: usage.count,
      unit: 'calls',
      seconds: round(usage.seconds),
      per_second: round(perSecond(usage), 0),
      peak_memory_mib: peaksOf(usage, name),
      cpu_ms_per_unit: Object.fromEntries(
        [name, ...engines].map((process) => [process, round(costOf(usage, process), 3)]),
      ),
      reference: {
        what: 'one of them, mean of the first and the last round',
        per_second: round(reference, 0),
      },
      ratio: round(perSecond(usage) / reference),
      rounds: rates.map((rate) => round(rate, 0)),
    };
  });
}

/** Processor time of a call by process, over its whole way: what engines do for enrich and for the sinks together. */
export function costOfCall({ stages }: Round): Record<string, number> {
  return Object.fromEntries([
    ...consumers.map((name) => [name, round(costOf(stages[name], name), 3)]),
    ...engines.map((name) => [
      name,
      round(costOf(stages.enrich, name) + costOf(stages['sink-clickhouse'], name), 3),
    ]),
  ]);
}

/** Highest memory of each consumer in the second half of a round above that in the first, MiB. */
export function memoryGrowth({ stages }: Round): Record<string, number> {
  return Object.fromEntries(
    consumers.flatMap((name) =>
      Object.entries(stages[name].lastPeaks)
        .filter(([process]) => isOf(process, name))
        .map(([process, mib]) => [
          `${process}_growth_mib`,
          round(mib - (stages[name].firstPeaks[process] ?? 0), 0),
        ]),
    ),
  );
}

export function perSecond({ count, seconds }: StageUsage): number {
  return count / seconds;
}

function peaksOf({ firstPeaks, lastPeaks }: StageUsage, name: string): Record<string, number> {
  return Object.fromEntries(
    Object.entries(lastPeaks)
      .filter(([process]) => isOf(process, name))
      .map(([process, mib]) => [process, Math.max(mib, firstPeaks[process] ?? 0)]),
  );
}

/** Processor time of a unit in all processes of a name, ms. */
function costOf({ cpuMs, count }: StageUsage, name: string): number {
  const own = Object.entries(cpuMs).filter(([process]) => isOf(process, name));
  return own.reduce((sum, [, ms]) => sum + ms, 0) / count;
}

function isOf(process: string, name: string): boolean {
  return process === name || process.startsWith(`${name} `);
}
