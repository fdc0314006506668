import type { TenantFreshness } from '@switchboard/postgres/blocks/freshness';
import type { OpenDeadLetters, ShardProgress } from '@switchboard/postgres/pipeline/pipeline-status';
import type { WithFinishRate } from './finish-rates.ts';
import type { EngineState, PipelineAnswer, ServiceState } from './pipeline-schema.ts';

/** What does not depend on who asks. */
export interface SharedState {
  checkedAt: number;
  kafka: EngineState;
  clickhouse: EngineState;
  /** Null: Kafka is away. */
  positions: readonly WithFinishRate[] | null;
  services: readonly ServiceState[];
}

export interface OwnState {
  shards: readonly ShardProgress[];
  freshness: TenantFreshness;
  deadLetters: readonly OpenDeadLetters[];
}

type Stage = PipelineAnswer['stages'][number];

/** @param now Unix ms */
export function presentPipeline(shared: SharedState, own: OwnState, now: number): PipelineAnswer {
  const { asOf } = own.freshness;
  const shards = own.shards.map((shard) => ({
    shard: shard.shard,
    open: shard.openBlocks,
    oldest_outbox_seconds: round(shard.oldestRowSeconds ?? 0),
    as_of: shard.asOf?.toISOString() ?? null,
  }));
  return {
    checked_at: new Date(shared.checkedAt).toISOString(),
    as_of: asOf?.toISOString() ?? null,
    freshness_ms: asOf && Math.max(0, now - asOf.getTime()),
    engines: {
      postgres: { state: 'ok', detail: null },
      kafka: shared.kafka,
      clickhouse: shared.clickhouse,
    },
    services: [...shared.services],
    stages: presentStages(shared, own),
    lag:
      shared.positions?.map((position) => ({
        stage: position.service,
        topic: position.topic,
        group: position.group,
        messages: position.lagMessages,
        seconds: round(position.lagSeconds),
        arrived_per_second: round(position.arrivedPerSecond),
        finished_per_second: position.finishedPerSecond === null ? null : round(position.finishedPerSecond),
      })) ?? null,
    blocks: {
      open: sum(shards.map(({ open }) => open)),
      oldest_outbox_seconds: Math.max(0, ...shards.map((shard) => shard.oldest_outbox_seconds)),
      rows_per_second: round(sum(own.shards.map(({ rowsPerSecond }) => rowsPerSecond))),
      shards,
    },
    dead_letters: {
      open: sum(own.deadLetters.map(({ count }) => count)),
      by: own.deadLetters.map(({ stage, reason, count, firstAt, lastAt }) => ({
        stage,
        reason,
        count,
        first_at: firstAt.toISOString(),
        last_at: lastAt.toISOString(),
      })),
    },
  };
}

/** What leaves ingest and enrich is what comes to the topics that they write. */
function presentStages({ positions }: SharedState, own: OwnState): Stage[] {
  const setAside = (stage: string) =>
    sum(own.deadLetters.filter((letters) => letters.stage === stage).map(({ count }) => count));
  const arrivedAt = (pattern: RegExp) =>
    positions &&
    round(sum(positions.filter(({ topic }) => pattern.test(topic)).map((one) => one.arrivedPerSecond)));
  const before = (service: string) => {
    const groups = positions?.filter((position) => position.service === service) ?? null;
    const finished = groups?.flatMap(({ finishedPerSecond: rate }) => (rate === null ? [] : [rate])) ?? [];
    return {
      finished: finished.length === 0 ? null : round(sum(finished)),
      waiting: groups && sum(groups.map(({ lagMessages }) => lagMessages)),
      waiting_seconds: groups && round(Math.max(0, ...groups.map(({ lagSeconds }) => lagSeconds))),
    };
  };
  const { finished: _, ...enrich } = before('enrich');
  const { finished, ...sink } = before('sink-postgres');
  return [
    {
      name: 'ingest',
      per_second: arrivedAt(/\.received\./),
      waiting: 0,
      waiting_seconds: 0,
      dead_letters: setAside('ingest'),
    },
    { name: 'enrich', per_second: arrivedAt(/\.enriched\./), ...enrich, dead_letters: setAside('enrich') },
    { name: 'sink-postgres', per_second: finished, ...sink, dead_letters: setAside('sink') },
    {
      name: 'sink-clickhouse',
      per_second: round(sum(own.shards.map(({ rowsPerSecond }) => rowsPerSecond))),
      waiting: sum(own.shards.map(({ openBlocks }) => openBlocks)),
      waiting_seconds: round(Math.max(0, ...own.shards.map((shard) => shard.oldestRowSeconds ?? 0))),
      dead_letters: 0,
    },
  ];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

/** To thousandths: a page shows no more. */
function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
