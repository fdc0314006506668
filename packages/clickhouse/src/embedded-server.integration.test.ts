import { Readable } from 'node:stream';
import { type ClickHouseClient, createClient } from '@clickhouse/client';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';

const { clickhouse } = inject('engines');
const database = `client_${process.pid}_${Date.now()}`;
const options = { url: clickhouse.url, username: clickhouse.user, password: clickhouse.password };
let client: ClickHouseClient;

beforeAll(async () => {
  const admin = createClient(options);
  await admin.command({ query: `CREATE DATABASE ${database}` });
  await admin.close();
  client = createClient({ ...options, database });
  await client.command({
    query: 'CREATE TABLE row (id UInt32, name String, at DateTime64(3)) ENGINE = MergeTree ORDER BY id',
  });
});

afterAll(async () => {
  await client.command({ query: `DROP DATABASE ${database}` });
  await client.close();
});

it('answers the ping, with its password too', async () => {
  expect(await client.ping()).toEqual({ success: true });
  expect(await client.ping({ select: true })).toEqual({ success: true });
});

it('inserts objects with settings of their own and says what was written', async () => {
  const { summary, query_id } = await client.insert({
    table: 'row',
    values: [
      { id: 1, name: 'one', at: '2026-01-01T00:00:00.123Z' },
      { id: 2, name: "two's; \\", at: '2026-01-01T05:30:00+05:30' },
    ],
    format: 'JSONEachRow',
    query_id: `insert-${database}`,
    clickhouse_settings: { date_time_input_format: 'best_effort', async_insert: 0, wait_end_of_query: 1 },
  });
  expect(query_id).toBe(`insert-${database}`);
  expect(summary).toMatchObject({ written_rows: '2' });
  const rows = await client.query({ query: 'SELECT * FROM row ORDER BY id', format: 'JSONEachRow' });
  expect(await rows.json()).toEqual([
    { id: 1, name: 'one', at: '2026-01-01 00:00:00.123' },
    { id: 2, name: "two's; \\", at: '2026-01-01 00:00:00.000' },
  ]);
});

it('binds parameters of many types', async () => {
  const query_params = {
    text: "it's \\ \t\n ünï 😀",
    none: null,
    list: ["a'b", 'c\\d', 'e\nf'],
    map: { k: "v'" },
    at: new Date(1_700_000_000_123),
    name: 'row',
  };
  const result = await client.query({
    query: `SELECT {text:String} AS text, {none:Nullable(UInt8)} AS none, {list:Array(String)} AS list,
      {map:Map(String, String)} AS map, toUnixTimestamp64Milli({at:DateTime64(3)}) AS at, count() > 0 AS any
      FROM {name:Identifier}`,
    query_params,
    format: 'JSONEachRow',
  });
  const [row] = await result.json<Record<string, unknown>>();
  expect(row).toMatchObject({
    text: query_params.text,
    none: null,
    list: query_params.list,
    map: query_params.map,
  });
  expect(Number(row?.at)).toBe(1_700_000_000_123);
});

it('streams rows, packed both ways', async () => {
  const packed = createClient({ ...options, database, compression: { request: true, response: true } });
  try {
    const values = Array.from({ length: 20_000 }, (_, id) => ({ id: 100 + id, name: 'packed' }));
    await packed.insert({ table: 'row', values, format: 'JSONEachRow' });
    const result = await packed.query({
      query: "SELECT id FROM row WHERE name = 'packed'",
      format: 'JSONEachRow',
    });
    let count = 0;
    for await (const rows of result.stream()) count += rows.length;
    expect(count).toBe(20_000);
  } finally {
    await packed.close();
  }
});

it('streams 200,000 rows in and out within one session, which is free again when a stream is broken off', {
  timeout: 180_000,
}, async () => {
  const session_id = `streams-${database}`;
  const own = createClient({ ...options, database, session_id, log: { level: 127 } });
  const select = { query: 'SELECT id, name FROM streamed ORDER BY id', format: 'JSONEachRow' } as const;
  try {
    await own.command({
      query: 'CREATE TABLE streamed (id UInt32, name String) ENGINE = MergeTree ORDER BY id',
    });
    await own.command({ query: 'CREATE TEMPORARY TABLE of_session (a UInt8)' });
    const leave = new AbortController();
    const rows = function* (leaveAt?: number) {
      for (let id = 0; id < 200_000; id += 1) {
        if (id === leaveAt) leave.abort();
        yield { id, name: `row ${id}; 'quoted'` };
      }
    };
    const insert = (values: Readable, abort_signal?: AbortSignal) =>
      own.insert({ table: 'streamed', values, format: 'JSONEachRow', ...(abort_signal && { abort_signal }) });
    await expect(insert(Readable.from(rows(100_000)), leave.signal)).rejects.toThrow('aborted');
    const truncate = () => own.command({ query: 'TRUNCATE TABLE streamed' }).then(() => 'free', String);
    await expect.poll(truncate).toBe('free');
    await insert(Readable.from(rows()));

    let count = 0;
    for await (const batch of (await own.query(select)).stream<{ id: number; name: string }>())
      for (const row of batch) {
        const { id, name } = row.json();
        if (id === count && name === `row ${id}; 'quoted'`) count += 1;
      }
    expect(count).toBe(200_000);

    let read = 0;
    for await (const batch of (await own.query(select)).stream()) {
      read += batch.length;
      if (read >= 1000) break;
    }
    expect(read).toBeLessThan(100_000);
    const again = () =>
      own
        .query({ query: 'SELECT count() AS n FROM of_session', format: 'JSONEachRow' })
        .then((result) => result.json<{ n: string }>(), String);
    await expect.poll(again).toEqual([{ n: expect.toBeOneOf(['0', 0]) }]);
  } finally {
    await own.close();
  }
});

it('gives errors their code and type', async () => {
  const quiet = { log: { level: 127 } } as const;
  const other = createClient({ ...options, ...quiet, password: 'wrong' });
  await expect(other.query({ query: 'SELECT 1' })).rejects.toMatchObject({
    code: '516',
    type: 'AUTHENTICATION_FAILED',
  });
  await other.close();
  const own = createClient({ ...options, ...quiet, database });
  await expect(own.query({ query: 'SELECT * FROM nope' })).rejects.toMatchObject({
    code: '60',
    type: 'UNKNOWN_TABLE',
  });
  const values = [{ id: 'no number' }];
  await expect(own.insert({ table: 'row', values, format: 'JSONEachRow' })).rejects.toMatchObject({
    code: '27',
  });
  await own.close();
});

it('lets the analyst read, not write', async () => {
  const { user, password } = clickhouse.analyst;
  const analyst = createClient({ url: clickhouse.url, username: user, password, log: { level: 127 } });
  try {
    const result = await analyst.query({ query: 'SELECT 1 AS a', format: 'JSONEachRow' });
    expect(await result.json()).toEqual([{ a: 1 }]);
    await expect(analyst.query({ query: `SELECT * FROM ${database}.row` })).rejects.toMatchObject({
      code: '497',
    });
    await expect(analyst.command({ query: `DROP DATABASE ${database}` })).rejects.toMatchObject({
      code: '164',
    });
  } finally {
    await analyst.close();
  }
});
