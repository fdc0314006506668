import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClickHouse, createClickHouse } from '@switchboard/clickhouse';
import { startClickHouse } from '@switchboard/embedded';
import { blockOf, HEAVY_QUERIES, insertBlock, makeFacts, readSums } from './fairness/facts.ts';
import { type Bench, latencies, median, round } from './report.ts';

const ROUNDS = 5;
const ANALYSTS = 2;
const QUERIES_PER_SECOND = 20;
const BLOCKS_PER_SECOND = 4;
const BLOCK_ROWS = 500;
const users = [
  { name: 'switchboard', password: 'bench' },
  { name: 'analyst', password: 'bench', readonly: true },
];

/**
 * How much later the API's queries and the worker's blocks are answered beside analysts' heavy queries, on the embedded
 * ClickHouse alone: rounds without and with them, in turn.
 */
export const clickhouseFairness: Bench = async ({ seconds = 10, emit, say }) => {
  const dir = await mkdtemp(join(tmpdir(), 'switchboard-bench-'));
  const engine = await startClickHouse({ dataDir: dir, users });
  const connect = (user: string) =>
    createClickHouse({
      url: engine.url,
      user,
      password: 'bench',
      database: 'switchboard',
      requestTimeoutMs: 300_000,
    });
  const [pipeline, analyst] = [connect('switchboard'), connect('analyst')];
  try {
    await makeFacts(pipeline);
    const load = createLoad(pipeline);
    await load(seconds);
    const alone: Latencies[] = [];
    const beside: Latencies[] = [];
    const heavy: number[] = [];
    for (let index = 1; index <= ROUNDS; index += 1) {
      alone.push(await load(seconds));
      const analysts = startAnalysts(analyst);
      // Until the first of their statements is well under way.
      await sleep(500);
      beside.push(await load(seconds));
      heavy.push(await analysts.stop());
      const [without, within] = [alone, beside].map((rounds) => latencies(rounds.at(-1)?.query ?? []));
      say(`round ${index}: a query's p99 ${without?.p99_ms} ms alone, ${within?.p99_ms} ms beside`);
    }
    for (const kind of ['query', 'block'] as const) {
      const of = (rounds: Latencies[]) => rounds.flatMap((one) => one[kind]);
      const growths = beside.map(
        (one, index) =>
          (latencies(one[kind]).p99_ms ?? 0) - (latencies(alone[index]?.[kind] ?? []).p99_ms ?? 0),
      );
      const spent = ROUNDS * seconds;
      const { p50_ms = 0, p95_ms = 0, p99_ms } = latencies(of(alone));
      emit({
        bench: 'clickhouse-fairness',
        what: `${kind === 'query' ? 'a short query of the API' : `a block of ${BLOCK_ROWS} rows of the worker`}, beside heavy queries of ${ANALYSTS} analysts`,
        count: of(beside).length,
        unit: kind === 'query' ? 'queries' : 'blocks',
        seconds: spent,
        per_second: round(of(beside).length / spent),
        ...latencies(of(beside)),
        reference: { what: 'the same without analysts', per_second: round(of(alone).length / spent), p99_ms },
        rounds: growths.map((growth) => round(growth)),
        figures: {
          growth_of_p99_ms: round(median(growths)),
          p50_ms_alone: p50_ms,
          p95_ms_alone: p95_ms,
          heavy_queries_done: heavy.reduce((sum, done) => sum + done, 0),
        },
      });
    }
  } finally {
    await Promise.all([pipeline.close(), analyst.close()]);
    await engine.stop();
    await rm(dir, { recursive: true, force: true });
  }
};

/** From when a request was due until it was answered, ms. */
interface Latencies {
  query: number[];
  block: number[];
}

/** Open loops of queries and of blocks, one block after another as the worker sends them. */
function createLoad(clickhouse: ClickHouse): (seconds: number) => Promise<Latencies> {
  let queries = 0;
  let blocks = 0;
  return async (seconds) => {
    const found: Latencies = { query: [], block: [] };
    const beganAt = performance.now();
    const timed = async (kind: keyof Latencies, dueAt: number, work: Promise<void>) => {
      await work;
      found[kind].push(performance.now() - dueAt);
    };
    const asking: Promise<void>[] = [];
    const ask = async () => {
      for (let index = 0; index < seconds * QUERIES_PER_SECOND; index += 1) {
        const dueAt = beganAt + (index * 1_000) / QUERIES_PER_SECOND;
        await sleep(Math.max(0, dueAt - performance.now()));
        asking.push(timed('query', dueAt, readSums(clickhouse, queries++)));
      }
    };
    const write = async () => {
      for (let index = 0; index < seconds * BLOCKS_PER_SECOND; index += 1) {
        const dueAt = beganAt + (index * 1_000) / BLOCKS_PER_SECOND;
        await sleep(Math.max(0, dueAt - performance.now()));
        const number = blocks++;
        // It sends the next when this one is answered, so each counts from when it is sent.
        await timed('block', performance.now(), insertBlock(clickhouse, number, blockOf(number, BLOCK_ROWS)));
      }
    };
    await Promise.all([ask(), write()]);
    await Promise.all(asking);
    return found;
  };
}

/** Analysts who ask one heavy query after another. */
function startAnalysts(clickhouse: ClickHouse): { stop(): Promise<number> } {
  let [ended, done] = [false, 0];
  const analysts = Array.from({ length: ANALYSTS }, async (_, analyst) => {
    for (let index = analyst; !ended; index += 1) {
      await clickhouse.query(HEAVY_QUERIES[index % HEAVY_QUERIES.length] ?? '');
      done += 1;
    }
  });
  return {
    async stop() {
      ended = true;
      await Promise.all(analysts);
      return done;
    },
  };
}
