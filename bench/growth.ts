import { type Bench, round } from './report.ts';
import { measuredCosts } from './scale/measured-costs.ts';
import { type Growth, simulateGrowth } from './scale/simulate-growth.ts';

const { enrich, sink, postgres, blocks, clickhouse, hopMs } = measuredCosts;

/** What docs/scaling.md advises for each rate. */
const plans: readonly Growth[] = [
  {
    ratePerSecond: 10,
    clinics: 20,
    skew: 0.5,
    cells: 1,
    partitions: 6,
    sharedCores: 2,
    enrich: { ...enrich, instances: 1 },
    sink: { ...sink, instances: 1, connections: 8 },
    postgres: { ...postgres, cores: 2 },
    blocks: { ...blocks, shards: 1 },
    clickhouse: { ...clickhouse, cores: 2 },
    hopMs,
  },
  {
    ratePerSecond: 1_000,
    clinics: 500,
    skew: 0.5,
    cells: 1,
    partitions: 24,
    enrich: { ...enrich, instances: 3 },
    sink: { ...sink, instances: 2, connections: 16 },
    postgres: { ...postgres, cores: 8 },
    blocks: { ...blocks, shards: 2 },
    clickhouse: { ...clickhouse, cores: 4 },
    hopMs,
  },
  {
    ratePerSecond: 100_000,
    clinics: 20_000,
    skew: 0.5,
    cells: 24,
    partitions: 48,
    enrich: { ...enrich, instances: 9 },
    sink: { ...sink, instances: 7, connections: 12 },
    postgres: { ...postgres, cores: 32 },
    blocks: { ...blocks, shards: 4 },
    clickhouse: { ...clickhouse, cores: 8 },
    hopMs,
  },
];

/** No engine is started: the plans of docs/scaling.md, simulated with the measured costs. */
export const growth: Bench = async ({ seconds = 15, emit, say }) => {
  for (const plan of plans) {
    say(`simulating ${plan.ratePerSecond} events a second`);
    const result = simulateGrowth(plan, { seed: 1, warmUpSeconds: 10, seconds });
    const { freshness, utilisation, largest_clinic } = result;
    emit({
      bench: 'growth',
      what: `simulated: ${plan.ratePerSecond} events a second of ${plan.clinics} clinics in ${plan.cells} cells, from the webhook’s answer until the numbers have them`,
      count: result.events,
      unit: 'events',
      seconds,
      per_second: freshness.per_second,
      p50_ms: round(freshness.p50_ms, 0),
      p95_ms: round(freshness.p95_ms, 0),
      p99_ms: round(freshness.p99_ms, 0),
      reference: { what: 'what comes', per_second: plan.ratePerSecond },
      ratio: round(freshness.per_second / plan.ratePerSecond),
      figures: {
        ...Object.fromEntries(
          (['enrich', 'postgres', 'clickhouse'] as const).flatMap((stage) => [
            [`${stage}_p50_ms`, round(result[stage].p50_ms, 0)],
            [`${stage}_p95_ms`, round(result[stage].p95_ms, 0)],
            [`${stage}_p99_ms`, round(result[stage].p99_ms, 0)],
            [`${stage}_most_inside`, result[stage].most_inside],
          ]),
        ),
        ...Object.fromEntries(
          Object.entries(utilisation).map(([name, part]) => [`${name}_utilisation`, part]),
        ),
        largest_clinic_utilisation: largest_clinic,
      },
    });
  }
};
