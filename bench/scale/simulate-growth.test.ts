import { describe, expect, it } from 'vitest';
import { measuredCosts } from './measured-costs.ts';
import { placeClinics } from './place-clinics.ts';
import { type Growth, simulateGrowth } from './simulate-growth.ts';

const { enrich, sink, postgres, blocks, clickhouse, hopMs } = measuredCosts;
const small: Growth = {
  ratePerSecond: 50,
  clinics: 20,
  skew: 0.5,
  cells: 1,
  partitions: 12,
  enrich: { ...enrich, instances: 1 },
  sink: { ...sink, instances: 1, connections: 8 },
  postgres: { ...postgres, cores: 2 },
  blocks: { ...blocks, shards: 1 },
  clickhouse: { ...clickhouse, cores: 2 },
  hopMs,
};
const options = { seed: 1, warmUpSeconds: 5, seconds: 20 };

describe('simulateGrowth', () => {
  it('gives the same for the same seed, and something else for another', () => {
    expect(simulateGrowth(small, options)).toEqual(simulateGrowth(small, options));
    expect(simulateGrowth(small, { ...options, seed: 2 })).not.toEqual(simulateGrowth(small, options));
  });

  it('lets all that comes become visible where there is room, and works as much as that costs', () => {
    const result = simulateGrowth(small, options);
    expect(result.freshness.per_second / small.ratePerSecond).toBeCloseTo(1, 1);
    expect(result.utilisation.enrich).toBeCloseTo((small.ratePerSecond * enrich.eventMs) / 1_000, 2);
    expect(result.utilisation.sink).toBeCloseTo((small.ratePerSecond * sink.eventMs) / 1_000, 2);
    expect(result.freshness.p99_ms).toBeGreaterThan(result.clickhouse.p99_ms);
  });

  it('takes what the slowest stage does, and no more, where more comes', () => {
    const result = simulateGrowth(
      { ...small, ratePerSecond: 1_500 },
      { seed: 1, warmUpSeconds: 3, seconds: 8 },
    );
    expect(result.enrich.per_second / (1_000 / enrich.eventMs)).toBeCloseTo(1, 1);
    expect(result.utilisation.enrich).toBeGreaterThan(0.95);
    expect(result.enrich.most_inside).toBeGreaterThan(5_000);
  });

  it('writes one clinic’s calls one after the other, so that cores do not help it, and other clinics do not wait', () => {
    const wide = {
      ...small,
      enrich: { ...enrich, instances: 16 },
      sink: { ...sink, instances: 16, connections: 8 },
      postgres: { ...postgres, cores: 64 },
      blocks: { ...blocks, shards: 4 },
      clickhouse: { ...clickhouse, cores: 16 },
      ratePerSecond: 2_000,
    };
    const short = { seed: 1, warmUpSeconds: 2, seconds: 4 };
    const serialMs = (postgres.transactionMs + postgres.commitMs) / postgres.atOnce + postgres.eventMs;
    const alone = simulateGrowth({ ...wide, clinics: 1 }, short);
    expect(alone.postgres.per_second / (1_000 / serialMs)).toBeCloseTo(1, 1);
    expect(alone.largest_clinic).toBeGreaterThan(0.95);
    const many = simulateGrowth({ ...wide, clinics: 400 }, short);
    expect(many.postgres.per_second / wide.ratePerSecond).toBeCloseTo(1, 1);
    expect(many.postgres.p95_ms).toBeLessThan(alone.postgres.p95_ms / 10);
  });
});

describe('against what was measured', () => {
  /** `pipeline` of 25 November in docs/benchmarks.md: one clinic on two cores, Kafka's part with those who read from it. */
  const measured = {
    perSecond: 277,
    enrichMs: 1.2,
    sinkMs: 0.9,
    postgresMs: 1.9,
    clickhouseMs: 0.7,
    kafkaMs: 0.3,
  };
  const pipeline: Growth = {
    ...small,
    clinics: 1,
    sharedCores: 2,
    enrich: { instances: 1, eventMs: measured.enrichMs + measured.kafkaMs / 2 },
    sink: { instances: 1, connections: 8, eventMs: measured.sinkMs + measured.kafkaMs / 2 },
    postgres: { ...postgres, cores: 2, transactionMs: 0, eventMs: measured.postgresMs },
    clickhouse: { cores: 2, blockMs: 0, rowMs: measured.clickhouseMs / 2, rowsPerEvent: 2 },
  };

  it('keeps up with as many calls as came through, and not with 1.6 times as many', () => {
    const through = (ratePerSecond: number) =>
      simulateGrowth({ ...pipeline, ratePerSecond }, options).postgres.per_second / ratePerSecond;
    expect(through(measured.perSecond)).toBeCloseTo(1, 1);
    expect(through(measured.perSecond * 1.6)).toBeLessThan(0.95);
  });

  it('makes two cores work as much as those calls cost', () => {
    const { utilisation } = simulateGrowth({ ...pipeline, ratePerSecond: measured.perSecond }, options);
    const { perSecond, kafkaMs, enrichMs, sinkMs, postgresMs, clickhouseMs } = measured;
    const costMs = kafkaMs + enrichMs + sinkMs + postgresMs + clickhouseMs;
    expect(utilisation.postgres).toBeCloseTo((perSecond * costMs) / 2_000, 1);
  });
});

describe('placeClinics', () => {
  it('puts every clinic into one cell, with about as much in each', () => {
    const cells = placeClinics({ clinics: 1_000, skew: 0.5, cells: 8 });
    const placed = cells.flat().map(({ clinic }) => clinic);
    expect(placed.toSorted((left, right) => left - right)).toEqual([...Array(1_000).keys()]);
    const loads = cells.map((cell) => cell.reduce((sum, { part }) => sum + part, 0));
    for (const load of loads) expect(load * 8).toBeCloseTo(1, 1);
  });
});
