import type { ServiceName, Switchboard } from '@switchboard/start';
import type { Stores } from '@switchboard/testkit/open-stores';
import { postWebhook } from '@switchboard/testkit/simulate/post-webhook';
import type { Target } from '@switchboard/testkit/simulate/targets';
import { callBodies } from '../call-bodies.ts';
import { lagOf } from '../lag-of.ts';
import { startInstances } from './instances.ts';
import { type StageUsage, watchStage } from './watch-stage.ts';

export type Consumer = Extract<ServiceName, 'enrich' | 'sink-postgres' | 'sink-clickhouse'>;

export interface Round {
  instances: number;
  /** What each consumer did; engines are among the processes. */
  stages: Record<Consumer, StageUsage>;
}

export interface RoundOptions {
  running: Switchboard;
  stores: Stores;
  clinics: readonly Target[];
  calls: number;
  instances: number;
  /** Another one for each round: its calls are others. */
  seed: number;
}

const TURNS = 12;
const engines = ['kafka', 'postgres', 'clickhouse'] as const;

/**
 * Calls of all clinics go the way of the pipeline, with so many instances of each consumer: first all wait in Kafka, then enrich
 * has them, then both sinks. The consumers are held before and afterwards.
 */
export async function runRound(options: RoundOptions): Promise<Round> {
  const { running, stores, calls, instances } = options;
  const before = await lastBlock(stores);
  await postCalls(options);
  const withEngines = (pids: Record<string, number>) => ({
    ...pids,
    ...Object.fromEntries(engines.map((name) => [name, running.pid(name)])),
  });

  const enrich = await startInstances(running, 'enrich', instances);
  const enriched = await watchStage({
    total: calls,
    async done() {
      enrich.assertAll();
      return calls - (await lagOf(running.demo, 'voice-call.received.v1'));
    },
    pids: () => withEngines(enrich.pids()),
  });
  await enrich.stop();

  const postgresSink = await startInstances(running, 'sink-postgres', instances);
  const clickhouseSink = await startInstances(running, 'sink-clickhouse', instances);
  const pids = () => withEngines({ ...postgresSink.pids(), ...clickhouseSink.pids() });
  const [written, counted] = await Promise.all([
    watchStage({
      total: calls,
      async done() {
        postgresSink.assertAll();
        return calls - (await lagOf(running.demo, 'voice-call.enriched.v1'));
      },
      pids,
    }),
    watchStage({
      total: calls,
      async done() {
        clickhouseSink.assertAll();
        return countSince(stores, before);
      },
      pids,
    }),
  ]);
  await postgresSink.stop();
  await clickhouseSink.stop();
  return {
    instances,
    stages: { enrich: enriched, 'sink-postgres': written, 'sink-clickhouse': counted },
  };
}

/** Through ingest, so that the broker holds what it would hold; tried again, as vendors do, when that is busy. */
async function postCalls({ clinics, calls, seed }: RoundOptions): Promise<void> {
  const endsAt = Date.now();
  const postAll = async ({ url, secret }: Target, bodies: Iterable<string>) => {
    for (const body of bodies) {
      const { accepted, status } = await postWebhook({ url, secret }, body);
      if (!accepted) throw new Error(`ingest answered ${status}`);
    }
  };
  await Promise.all(
    clinics.map((target, index) => {
      const own = Math.floor(calls / clinics.length) + (index < calls % clinics.length ? 1 : 0);
      const { clinic } = target;
      return postAll(target, callBodies(own, { seed: seed * 1_000 + index, turns: TURNS, endsAt, clinic }));
    }),
  );
}

async function lastBlock({ postgres }: Stores): Promise<number> {
  const { rows } = await postgres.query<{ last: number }>(
    'SELECT max(last_number)::int AS last FROM block_shards',
  );
  return rows[0]?.last ?? 0;
}

/** Calls that ClickHouse has counted since a block: one that was stated anew adds nothing. */
async function countSince({ clickhouse }: Stores, block: number): Promise<number> {
  const [row] = await clickhouse.query<{ count: string }>(
    'SELECT sum(sign) AS count FROM fact_voice_call WHERE block > {block:UInt64}',
    { block },
  );
  return Number(row?.count ?? 0);
}
