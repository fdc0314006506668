import { createRandom } from '@switchboard/testkit/simulate/random';
import { latencies, round } from '../report.ts';
import { type Clinics, drawClinics, type Placed, placeClinics } from './place-clinics.ts';
import { type Clock, type Cores, createClock, createCores, createLines } from './stations.ts';

/**
 * An installation that is not there, and what comes to it. A cell is a Postgres with its blocks, its ClickHouse and its
 * consumers; all but the rate and the clinics is of one cell.
 */
export interface Growth extends Clinics {
  ratePerSecond: number;
  partitions: number;
  /** Processors that all processes share; unless given, each has its own. */
  sharedCores?: number;
  enrich: { instances: number; eventMs: number };
  sink: { instances: number; eventMs: number; connections: number };
  postgres: { cores: number; transactionMs: number; eventMs: number; commitMs: number; atOnce: number };
  blocks: { shards: number; leastMs: number; longestRestMs: number; mostRows: number };
  clickhouse: { cores: number; blockMs: number; rowMs: number; rowsPerEvent: number };
  /** Through the broker and a fetch, ms, for each of the two topics. */
  hopMs: number;
}

export interface SimulationOptions {
  seed: number;
  warmUpSeconds: number;
  seconds: number;
}

/** What one kind of process did: time in it, waiting included, in ms. */
export interface StageResult {
  /** Left it in the measured time. */
  per_second: number;
  p50_ms: number;
  p95_ms: number;
  p99_ms: number;
  /** Most events that were in it at a moment, in one cell. */
  most_inside: number;
}

export interface GrowthResult {
  events: number;
  /** From the webhook's answer until the numbers have it. Fewer a second than come: it does not keep up. */
  freshness: StageResult;
  enrich: StageResult;
  postgres: StageResult;
  clickhouse: StageResult;
  /** Part of the time that processors work, in the busiest cell. */
  utilisation: { enrich: number; sink: number; postgres: number; clickhouse: number };
  /** Part of the time that the largest clinic's writes take, one after the other. */
  largest_clinic: number;
}

interface Event {
  clinic: number;
  /** When it came, and when it left each stage, ms. */
  at: number;
  enrichedAt: number;
  writtenAt: number;
}

type StageName = 'freshness' | 'enrich' | 'postgres' | 'clickhouse';

/** Waiting times of all cells, and how much each of them worked. */
interface Seen {
  times: Record<StageName, number[]>;
  most: Record<StageName, number>;
  busy: GrowthResult['utilisation'];
  largestBusyMs: number;
}

/**
 * Lets events come as Poisson's law has it, and go the way of a call through every cell. The same options give the same
 * result. What the figures mean, and which of them are measured, stands in docs/scaling.md.
 */
export function simulateGrowth(growth: Growth, options: SimulationOptions): GrowthResult {
  const cells = placeClinics(growth);
  const seen: Seen = {
    times: { freshness: [], enrich: [], postgres: [], clickhouse: [] },
    most: { freshness: 0, enrich: 0, postgres: 0, clickhouse: 0 },
    busy: { enrich: 0, sink: 0, postgres: 0, clickhouse: 0 },
    largestBusyMs: 0,
  };
  for (const [index, cell] of cells.entries())
    simulateCell(growth, cell, { ...options, seed: options.seed + index }, seen);
  const stage = (name: StageName): StageResult => ({
    per_second: round(seen.times[name].length / options.seconds, 0),
    p50_ms: 0,
    p95_ms: 0,
    p99_ms: 0,
    ...latencies(seen.times[name]),
    most_inside: seen.most[name],
  });
  const whole = (options.warmUpSeconds + options.seconds) * 1_000;
  return {
    events: seen.times.freshness.length,
    freshness: stage('freshness'),
    enrich: stage('enrich'),
    postgres: stage('postgres'),
    clickhouse: stage('clickhouse'),
    utilisation: seen.busy,
    largest_clinic: round(seen.largestBusyMs / whole),
  };
}

function simulateCell(growth: Growth, placed: Placed[], options: SimulationOptions, seen: Seen): void {
  const { partitions, enrich, sink, postgres, blocks, clickhouse, hopMs } = growth;
  const clock = createClock();
  const cores = coresOf(growth, clock);
  const random = createRandom(options.seed);
  const [fromMs, endMs] = [options.warmUpSeconds * 1_000, (options.warmUpSeconds + options.seconds) * 1_000];
  const note = (name: StageName, since: number) => {
    const now = clock.now();
    if (now >= fromMs) seen.times[name].push(now - since);
  };
  const deepest = (name: StageName, inside: number) => {
    if (clock.now() >= fromMs) seen.most[name] = Math.max(seen.most[name], inside);
  };

  const writtenMs = (count: number) => postgres.transactionMs + count * postgres.eventMs;
  const blockLines = createLines<Event>({
    clock,
    cores: cores.clickhouse,
    atOnce: Math.floor(blocks.mostRows / clickhouse.rowsPerEvent),
    costMs: (count) => clickhouse.blockMs + count * clickhouse.rowsPerEvent * clickhouse.rowMs,
    restMs: (tookMs) => Math.max(blocks.leastMs - tookMs, Math.min(tookMs, blocks.longestRestMs)),
    done(items) {
      for (const event of items) {
        note('clickhouse', event.writtenAt);
        note('freshness', event.at);
      }
    },
  });
  const writes = createLines<Event>({
    clock,
    cores: cores.postgres,
    atOnce: postgres.atOnce,
    lines: sink.instances * sink.connections,
    costMs: writtenMs,
    waitMs: postgres.commitMs,
    done(items) {
      if (items[0]?.clinic === 0) seen.largestBusyMs += writtenMs(items.length) + postgres.commitMs;
      for (const event of items) {
        note('postgres', event.enrichedAt);
        event.writtenAt = clock.now();
        blockLines.add(event.clinic % blocks.shards, event);
      }
      deepest('clickhouse', blockLines.inside());
    },
  });
  // Which partition a call is in depends on its id, so on nothing else here.
  const partitionOf = () => random.between(0, partitions - 1);
  const sinks = createLines<Event>({
    clock,
    cores: cores.sink,
    atOnce: postgres.atOnce,
    costMs: (count) => count * sink.eventMs,
    done(items) {
      for (const event of items) writes.add(event.clinic, event);
      deepest('postgres', sinks.inside() + writes.inside());
    },
  });
  const enriching = createLines<Event>({
    clock,
    cores: cores.enrich,
    atOnce: postgres.atOnce,
    costMs: (count) => count * enrich.eventMs,
    done(items) {
      for (const event of items) {
        note('enrich', event.at);
        event.enrichedAt = clock.now();
      }
      clock.after(hopMs, () => {
        for (const event of items) sinks.add(partitionOf() % sink.instances, event);
      });
    },
  });

  const clinicOf = drawClinics(placed, random);
  const part = placed.reduce((sum, one) => sum + one.part, 0);
  const everyMs = 1_000 / (growth.ratePerSecond * part);
  const arrive = () => {
    const event = { clinic: clinicOf(), at: clock.now(), enrichedAt: 0, writtenAt: 0 };
    clock.after(hopMs, () => {
      enriching.add(partitionOf() % enrich.instances, event);
      deepest('enrich', enriching.inside());
    });
    clock.after(-Math.log(1 - random.next()) * everyMs, arrive);
  };
  arrive();
  clock.runUntil(endMs);
  seen.most.freshness = Math.max(seen.most.enrich, seen.most.postgres, seen.most.clickhouse);
  const shareOf = (busyMs: number, count: number) => round(busyMs / (endMs * count));
  const counts = growth.sharedCores;
  seen.busy = {
    enrich: Math.max(seen.busy.enrich, shareOf(cores.enrich.busyMs(), counts ?? enrich.instances)),
    sink: Math.max(seen.busy.sink, shareOf(cores.sink.busyMs(), counts ?? sink.instances)),
    postgres: Math.max(seen.busy.postgres, shareOf(cores.postgres.busyMs(), counts ?? postgres.cores)),
    clickhouse: Math.max(
      seen.busy.clickhouse,
      shareOf(cores.clickhouse.busyMs(), counts ?? clickhouse.cores),
    ),
  };
}

function coresOf(
  { sharedCores, enrich, sink, postgres, clickhouse }: Growth,
  clock: Clock,
): Record<'enrich' | 'sink' | 'postgres' | 'clickhouse', Cores> {
  if (sharedCores !== undefined) {
    const all = createCores(clock, sharedCores);
    return { enrich: all, sink: all, postgres: all, clickhouse: all };
  }
  return {
    enrich: createCores(clock, enrich.instances),
    sink: createCores(clock, sink.instances),
    postgres: createCores(clock, postgres.cores),
    clickhouse: createCores(clock, clickhouse.cores),
  };
}
