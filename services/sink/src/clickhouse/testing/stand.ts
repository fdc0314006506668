import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ClickHouse, createClickHouse, migrateClickHouse } from '@switchboard/clickhouse';
import { createBlockInserter } from '@switchboard/clickhouse/blocks/insert-block';
import { createLogger, createMetrics, type OnStep } from '@switchboard/platform';
import { connectDirect } from '@switchboard/postgres/blocks/direct-connection';
import { tryLockRebuild } from '@switchboard/postgres/blocks/locks';
import type { Engines } from '@switchboard/testkit';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { type RandomCall, randomCalls } from '@switchboard/testkit/random-calls';
import { type RandomStatement, randomStatements } from '@switchboard/testkit/random-statements';
import type { MaintenanceWork, Step } from '../dependencies.ts';
import { runShard } from '../run-shard.ts';
import { createSinkMetrics } from '../sink-metrics.ts';
import { type FactsOf, stateFacts, zone } from './state-facts.ts';

const logger = createLogger({ service: 'test', level: 'silent' });

/** A Postgres database and a ClickHouse database of one test, with a tenant. */
export interface Stand {
  database: TestDatabase;
  clickhouse: ClickHouse;
  tenantId: string;
  /** As `switchboard_sink`. */
  databaseUrl: string;
  /**
   * States facts of calls, and what records of other kinds state, as the Postgres sink does, in one transaction.
   * @returns when it was committed, Unix ms
   */
  state(calls: readonly RandomCall[], others?: readonly RandomStatement[], of?: FactsOf): Promise<number>;
  /** New calls of any kind, over half a month or, where asked, over several years. */
  calls(count: number, years?: number): RandomCall[];
  /** What new records of every other kind state, `count` of each, over the same time. */
  others(count: number, years?: number): RandomStatement[];
  /** A worker in this process. */
  work(options?: WorkOptions): Worker;
  /** A worker in a process of its own. */
  spawn(options?: SpawnOptions): WorkerProcess;
  /** Runs maintenance with a session that holds the rebuild lock. */
  maintain<T>(run: (work: MaintenanceWork) => Promise<T>): Promise<T>;
  /** Σ sign of the facts, and Σ of the public daily and hourly views. */
  counts(): Promise<{ facts: number; daily: number; hourly: number }>;
  /** Waits until no row is in the outbox and no block is open. */
  settled(timeoutMs?: number): Promise<void>;
  /** Loses all that ClickHouse holds, the database too. */
  emptyClickHouse(): Promise<void>;
  remove(): Promise<void>;
}

export interface WorkOptions {
  /** 0 by default. */
  shard?: number;
  onStep?: OnStep<Step>;
  onWorking?: (working: boolean) => void;
  housekeepingMs?: number;
  /** Of the client that cycles use; that of maintenance keeps the usual one. */
  requestTimeoutMs?: number;
}

export interface SpawnOptions {
  /** See the testkit's fault.ts. */
  fault?: string;
  program?: keyof typeof programs;
}

const programs = {
  worker: new URL('./faulty-main.ts', import.meta.url),
  rebuild: new URL('./faulty-rebuild.ts', import.meta.url),
  verify: new URL('./faulty-verify.ts', import.meta.url),
};

export interface Worker {
  stop(): Promise<void>;
  /** Its metrics, in the text format. */
  metrics(): Promise<string>;
  /** The same: name → value of shard 0. */
  scrape(): Promise<Record<string, number>>;
  /** Rejects with what ended it, if not {@link Worker.stop}. */
  ended: Promise<void>;
}

export interface WorkerProcess {
  pid: number;
  /** Exit code, or signal. */
  ended: Promise<number | NodeJS.Signals | null>;
  kill(signal: NodeJS.Signals): void;
  steps(): string[];
}

export interface StandOptions {
  dedupWindow?: number;
}

export async function createStand(engines: Engines, options: StandOptions = {}): Promise<Stand> {
  const database = await createTestDatabase(engines.postgresAdmin);
  const access = {
    url: engines.clickhouse.url,
    user: engines.clickhouse.user,
    password: engines.clickhouse.password,
    database: database.name,
  };
  await migrateClickHouse({ ...access, dedupWindow: options.dedupWindow });
  const clickhouse = createClickHouse(access);
  const tenantId = await database.addTenant();
  const databaseUrl = database.urlAs('switchboard_sink');
  const processes: WorkerProcess[] = [];
  const workers: Worker[] = [];
  // Its own, so that what a test draws does not depend on those before it.
  let seed = 1;

  const stand: Stand = {
    database,
    clickhouse,
    tenantId,
    databaseUrl,
    state: (calls, others = [], of = { tenantId, shard: 0 }) => stateFacts(database.admin, of, calls, others),
    calls: (count, years) => randomCalls({ count, seed: seed++, ...spanOf(years) }),
    others: (count, years) => randomStatements({ count, seed: seed++, ...spanOf(years) }, zone),
    work({ requestTimeoutMs, ...given } = {}) {
      const stopping = new AbortController();
      const metrics = createMetrics('sink-clickhouse');
      const cycleClient = requestTimeoutMs ? createClickHouse({ ...access, requestTimeoutMs }) : undefined;
      const ended = runShard({
        shard: 0,
        databaseUrl,
        clickhouse: cycleClient ?? clickhouse,
        maintenance: clickhouse,
        logger,
        metrics: createSinkMetrics(metrics),
        signal: stopping.signal,
        dedupWindow: options.dedupWindow,
        ...given,
      });
      ended.catch(() => undefined);
      const render = async () => (await metrics.render()).body;
      const worker = {
        ended,
        metrics: render,
        scrape: async () => {
          const lines = (await render()).matchAll(/^(\w+)\{[^}]*shard="0"[^}]*\} (\S+)$/gm);
          return Object.fromEntries(Array.from(lines, ([, name, value]) => [name, Number(value)]));
        },
        stop: async () => {
          stopping.abort();
          await ended.catch(() => undefined);
          await cycleClient?.close();
        },
      };
      workers.push(worker);
      return worker;
    },
    spawn({ fault, program = 'worker' } = {}) {
      const { dedupWindow } = options;
      const stepsFile = join(mkdtempSync(join(tmpdir(), 'switchboard-steps-')), 'steps');
      const main = fileURLToPath(programs[program]);
      const child = spawn(process.execPath, [main], {
        stdio: ['pipe', 'ignore', 'inherit'],
        env: {
          PATH: process.env.PATH,
          DATABASE_URL: databaseUrl,
          CLICKHOUSE_URL: access.url,
          CLICKHOUSE_USER: access.user,
          CLICKHOUSE_PASSWORD: access.password,
          CLICKHOUSE_DATABASE: access.database,
          PORT: '0',
          SWITCHBOARD_PARENT: 'pipe',
          SWITCHBOARD_STEPS_FILE: stepsFile,
          ...(fault && { SWITCHBOARD_FAULT: fault }),
          ...(dedupWindow && { CLICKHOUSE_DEDUP_WINDOW: String(dedupWindow) }),
        },
      });
      const started = {
        pid: child.pid ?? 0,
        ended: once(child, 'exit').then(([code, signal]) => code ?? signal),
        kill: (signal: NodeJS.Signals) => void child.kill(signal),
        steps: () => (existsSync(stepsFile) ? readFileSync(stepsFile, 'utf8').trim().split('\n') : []),
      };
      processes.push(started);
      return started;
    },
    async maintain(run) {
      const connection = await connectDirect({ url: databaseUrl, applicationName: 'test-maintenance' });
      try {
        while (!(await tryLockRebuild(connection)));
        return await run({
          connection,
          clickhouse,
          logger,
          databaseUrl,
          inserter: await createBlockInserter(clickhouse),
          dedupWindow: options.dedupWindow,
        });
      } finally {
        await connection.close();
      }
    },
    async counts() {
      const [row] = await clickhouse.query<{ facts: string; daily: string; hourly: string }>(
        `SELECT (SELECT sum(sign) FROM fact_voice_call) AS facts, (SELECT sum(calls) FROM analytics_voice_call_daily) AS daily,
           (SELECT sum(calls) FROM analytics_voice_call_hourly) AS hourly`,
      );
      return { facts: Number(row?.facts), daily: Number(row?.daily), hourly: Number(row?.hourly) };
    },
    settled: (timeoutMs = 30_000) =>
      until(async () => {
        const { rows } = await database.admin.query<{ open: boolean }>(
          `SELECT EXISTS (SELECT FROM outbox) OR EXISTS (SELECT FROM blocks WHERE state = 'moved') AS open`,
        );
        return rows[0]?.open === false;
      }, timeoutMs),
    async emptyClickHouse() {
      await clickhouse.command(`DROP DATABASE ${database.name} SYNC`);
    },
    async remove() {
      await Promise.all(workers.map((worker) => worker.stop()));
      for (const started of processes) started.kill('SIGKILL');
      await Promise.all(processes.map((started) => started.ended));
      await clickhouse.command(`DROP DATABASE IF EXISTS ${database.name}`).catch(() => undefined);
      await clickhouse.close();
      await database.drop();
    },
  };
  return stand;
}

/** Half a month, or some years up to its end. */
function spanOf(years = 0) {
  return { from: Date.UTC(2026 - years, 9, 1), to: Date.UTC(2026, 9, 15) };
}

/** Asks until true. @throws Error after `timeoutMs` */
export async function until(condition: () => Promise<boolean> | boolean, timeoutMs = 30_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('what was waited for did not happen');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
