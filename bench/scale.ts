import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnv } from '@switchboard/embedded';
import { startSwitchboard } from '@switchboard/start';
import { openStores, type Stores } from '@switchboard/testkit/open-stores';
import { targetsHere } from '@switchboard/testkit/simulate/targets';
import { type Bench, median, round } from './report.ts';
import { compareInstances, consumers, costOfCall, memoryGrowth, perSecond } from './scale/compare-rounds.ts';
import { multiplyCalls } from './scale/multiply-calls.ts';
import { type Round, runRound } from './scale/run-round.ts';
import { unlimited } from './unlimited.ts';

const PARTITIONS = 12;
const CLINICS = 60;
const SHARDS = 4;
/** Most calls of a round: after the four the tables hold ten thousand. */
const MOST_CALLS = 2_500;
const LARGE = 2_000_000;
/** The rounds on small and on large tables are so many times as long: what a start costs tells less, and whether memory stays shows. */
const LONG = 4;
/** One instance at both ends, so that what the machine itself does in between shows. */
const INSTANCES = [1, 2, 4, 1];
const rebuildMain = fileURLToPath(
  new URL('../services/sink/src/clickhouse/rebuild/main.ts', import.meta.url),
);

/** One, two and four instances of each consumer; then a call's cost while the tables are small, and while they are large. */
export const scale: Bench = async ({ events = LARGE, emit, say }) => {
  const roundOf = Math.min(MOST_CALLS, Math.ceil(events / 20));
  const home = await mkdtemp(join(tmpdir(), 'switchboard-bench-'));
  const dir = join(home, '.switchboard');
  const running = await startSwitchboard({ dir, partitions: PARTITIONS, env: unlimited, say });
  const stores = openStores(running.demo, { applicationName: 'bench', statementTimeoutMs: 7_200_000 });
  try {
    say(`making ${CLINICS} clinics on ${SHARDS} shards of blocks`);
    const clinics = await targetsHere(dir, CLINICS);
    for (const name of ['api', 'jobs', ...consumers] as const) await running.hold(name);
    await spreadOverShards(stores);
    let seed = 1;
    const run = async (instances: number, calls = roundOf): Promise<Round> => {
      say(`${calls} calls, ${instances} of each consumer`);
      return runRound({ running, stores, clinics, calls, instances, seed: seed++ });
    };
    const rounds: Round[] = [];
    for (const instances of INSTANCES) rounds.push(await run(instances));
    for (const one of rounds.slice(0, -1)) for (const result of compareInstances(one, rounds)) emit(result);

    const long = roundOf * LONG;
    const small = await run(1, long);
    const pieceSmallMs = fixedPieceMs();
    const made = roundOf * INSTANCES.length + long;
    const copies = Math.max(1, Math.round(events / made) - 1);
    say(`making ${made} calls ${made * (copies + 1)}`);
    await multiplyCalls(stores.postgres, copies, say);
    await rebuild(home);
    // The first finds cold caches, and plans that nobody has made yet.
    await run(1);
    const held = made * (copies + 1) + roundOf;
    const bytes = await bytesOf(stores);
    const large = await run(1, long);
    const pieceLargeMs = fixedPieceMs();
    const [before, after] = [costOfCall(small), costOfCall(large)];
    const whole = (cost: Record<string, number>) => Object.values(cost).reduce((sum, ms) => sum + ms, 0);
    const visible = (one: Round) => perSecond(one.stages['sink-clickhouse']);
    emit({
      bench: 'scale',
      what: `a call on its whole way, one of each consumer, while the tables hold ${held} calls`,
      count: long,
      unit: 'calls',
      seconds: round(large.stages.enrich.seconds + large.stages['sink-clickhouse'].seconds),
      per_second: round(visible(large), 0),
      peak_memory_mib: Object.assign({}, ...Object.values(large.stages).map(({ lastPeaks }) => lastPeaks)),
      cpu_ms_per_unit: after,
      reference: {
        what: `the same while they held ${made - long} to ${made} calls`,
        per_second: round(visible(small), 0),
      },
      ratio: round(visible(large) / visible(small)),
      figures: {
        cost_large_over_small: round(whole(after) / whole(before), 3),
        cost_ms_large: round(whole(after), 3),
        cost_ms_small: round(whole(before), 3),
        fixed_piece_ms_small: round(pieceSmallMs),
        fixed_piece_ms_large: round(pieceLargeMs),
        ...Object.fromEntries(Object.entries(before).map(([name, ms]) => [`${name}_ms_small`, ms])),
        ...memoryGrowth(large),
        postgres_bytes_per_call: round(bytes.postgres / held, 0),
        clickhouse_bytes_per_call: round(bytes.clickhouse / held, 0),
      },
    });
  } finally {
    await stores.close();
    await running.stop();
    await rm(home, { recursive: true, force: true });
  }
};

/**
 * Processor time of a piece of work that is always the same, ms; median of nine. Hours lie between the two rounds, and a machine
 * that others use is not as fast in each: by this it is seen whether it was.
 */
function fixedPieceMs(): number {
  const piece = Buffer.alloc(16 * 1_048_576, 7);
  const once = () => {
    const before = process.cpuUsage();
    createHash('sha256').update(piece).digest();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  };
  return median(Array.from({ length: 9 }, once));
}

/** Clinics go to shards in turn. */
async function spreadOverShards({ postgres }: Stores): Promise<void> {
  await postgres.query('INSERT INTO block_shards (shard) SELECT generate_series(1, $1::int)', [SHARDS - 1]);
  await postgres.query(
    `UPDATE tenants t SET shard = o.place % $1::int
     FROM (SELECT id, row_number() OVER (ORDER BY slug) AS place FROM tenants) o WHERE o.id = t.id`,
    [SHARDS],
  );
}

/** By the command: what ClickHouse holds is then made of what Postgres states. */
async function rebuild(cwd: string): Promise<void> {
  const child = spawn(process.execPath, [rebuildMain], {
    cwd,
    env: childEnv(),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`the rebuild ended with ${code}`);
}

/** What both stores hold, tables and indexes. */
async function bytesOf({ postgres, clickhouse }: Stores): Promise<{ postgres: number; clickhouse: number }> {
  const { rows } = await postgres.query<{ bytes: string }>(
    'SELECT pg_database_size(current_database()) AS bytes',
  );
  const [parts] = await clickhouse.query<{ bytes: string }>(
    'SELECT sum(bytes_on_disk) AS bytes FROM system.parts WHERE active AND database = currentDatabase()',
  );
  return { postgres: Number(rows[0]?.bytes ?? 0), clickhouse: Number(parts?.bytes ?? 0) };
}
