import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const BLOCK = Array.from({ length: 100 }, (_, k) =>
  JSON.stringify({ d: `2026-01-0${1 + (k % 2)}`, k, sign: 1 }),
).join('\n');
const ONCE = {
  async_insert: '0',
  insert_deduplicate: '1',
  deduplicate_blocks_in_dependent_materialized_views: '1',
};

/** A source and two views' targets, each of which remembers the tokens it was given. */
async function createTables(prefix: string): Promise<void> {
  const window = 'SETTINGS non_replicated_deduplication_window = 100';
  await server.read(
    `CREATE TABLE ${prefix}_fact (d Date, k UInt32, sign Int8) ENGINE = MergeTree PARTITION BY toYear(d) ORDER BY k ${window}`,
  );
  for (const part of ['daily', 'total']) {
    await server.read(
      `CREATE TABLE ${prefix}_${part} (d Date, n SimpleAggregateFunction(sum, Int64)) ENGINE = AggregatingMergeTree ORDER BY d ${window}`,
    );
  }
  await server.read(
    `CREATE MATERIALIZED VIEW ${prefix}_to_daily TO ${prefix}_daily AS SELECT d, sum(sign) AS n FROM ${prefix}_fact GROUP BY d`,
  );
  await server.read(
    `CREATE MATERIALIZED VIEW ${prefix}_to_total TO ${prefix}_total AS SELECT toDate(0) AS d, sum(sign) AS n FROM ${prefix}_fact GROUP BY d`,
  );
}

const counts = (prefix: string) =>
  server.read(
    `SELECT (SELECT count() FROM ${prefix}_fact), (SELECT sum(n) FROM ${prefix}_daily), (SELECT sum(n) FROM ${prefix}_total)`,
  );

describe('a block that is inserted again', () => {
  it('counts once in its table and in both views (ClickHouse #76110: views count retried inserts twice)', async () => {
    await createTables('thrice');
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const answer = await server.ask('INSERT INTO thrice_fact FORMAT JSONEachRow', {
        body: BLOCK,
        search: { ...ONCE, insert_deduplication_token: '1-0-7-fact' },
      });
      expect(answer.status).toBe(200);
    }
    expect(await counts('thrice')).toBe('100\t100\t100');
  });

  it('completes a view that failed half way', async () => {
    await createTables('half');
    const search = { ...ONCE, insert_deduplication_token: '1-0-8-fact' };
    await server.read(
      'ALTER TABLE half_to_total MODIFY QUERY SELECT toDate(0) AS d, sum(sign) + throwIf(1) AS n FROM half_fact GROUP BY d',
    );
    const failed = await server.ask('INSERT INTO half_fact FORMAT JSONEachRow', { body: BLOCK, search });
    expect(failed.headers.get('x-clickhouse-exception-code')).toBe('395');
    await server.read(
      'ALTER TABLE half_to_total MODIFY QUERY SELECT toDate(0) AS d, sum(sign) AS n FROM half_fact GROUP BY d',
    );
    await server.ask('INSERT INTO half_fact FORMAT JSONEachRow', { body: BLOCK, search });
    expect(await counts('half')).toBe('100\t100\t100');
  });
});

describe('the data', () => {
  it('is there after an ordinary restart, tokens too', async () => {
    await createTables('kept');
    const search = { ...ONCE, insert_deduplication_token: '1-0-9-fact' };
    await server.ask('INSERT INTO kept_fact FORMAT JSONEachRow', { body: BLOCK, search });
    await server.engine.restart();
    await server.ask('INSERT INTO kept_fact FORMAT JSONEachRow', { body: BLOCK, search });
    expect(await counts('kept')).toBe('100\t100\t100');
  });

  it('is readable after SIGKILL in inserts, and nothing that was answered is missing', async () => {
    await server.read('CREATE TABLE killed (n UInt64, s String) ENGINE = MergeTree ORDER BY n');
    const answered = new Set<number>();
    for (let round = 0; round < 3; round += 1) {
      let alive = true;
      const writers = Array.from({ length: 4 }, async (_, writer) => {
        for (let n = 0; alive; n += 1) {
          const id = (round * 4 + writer) * 1_000_000 + n;
          const answer = await server
            .ask('INSERT INTO killed FORMAT JSONEachRow', {
              body: JSON.stringify({ n: id, s: 'x'.repeat(1000) }),
            })
            .catch(() => undefined);
          if (answer?.status === 200) answered.add(id);
          else alive = false;
        }
      });
      const target = answered.size + 20;
      while (answered.size < target) await new Promise((resolve) => setTimeout(resolve, 5));
      await server.engine.kill('SIGKILL');
      await Promise.all(writers);
      await server.engine.restart();
    }
    const present = new Set((await server.read('SELECT n FROM killed')).split('\n').map(Number));
    expect([...answered].filter((id) => !present.has(id))).toEqual([]);
    expect(await server.read('SELECT count() FROM killed WHERE length(s) != 1000')).toBe('0');
  });

  it('ends in order on SIGTERM while a statement runs', async () => {
    await server.read('CREATE TABLE slow (n UInt64) ENGINE = MergeTree ORDER BY n');
    const writing = server.ask(
      'INSERT INTO slow SELECT number + sleepEachRow(0.001) FROM numbers(1000) SETTINGS max_block_size = 100, function_sleep_max_microseconds_per_block = 0',
    );
    await new Promise((resolve) => setTimeout(resolve, 200));
    const exited = server.engine.exited;
    await server.engine.kill('SIGTERM');
    expect((await writing).status).toBe(200);
    expect(await exited).toEqual({ code: 0, signal: null });
    await server.engine.restart();
    expect(await server.read('SELECT count() FROM slow')).toBe('1000');
  });

  it('is closed in order on SIGTERM although a client holds a connection that it never used', async () => {
    await server.read('SELECT 1');
    const unused = connect(server.engine.port, '127.0.0.1');
    await once(unused, 'connect');
    const left = once(unused, 'close');
    const exited = server.engine.exited;
    await server.engine.stop();
    expect(await exited).toEqual({ code: 0, signal: null });
    await left;
    await server.engine.restart();
    expect(await server.read('SELECT 1')).toBe('1');
  });
});
