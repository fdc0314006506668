import { type FaultProxy, startProxyBefore } from '@switchboard/testkit/fault-proxy';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { type ClickHouse, createClickHouse } from './client.ts';

let proxy: FaultProxy;
let client: ClickHouse;
beforeAll(async () => {
  const { clickhouse } = inject('engines');
  const before = await startProxyBefore(clickhouse.url);
  proxy = before;
  client = createClickHouse({
    ...clickhouse,
    url: before.url,
    database: 'default',
    requestTimeoutMs: 30_000,
    watchMs: 200,
  });
});
afterAll(async () => {
  await client?.close();
  await proxy?.stop();
});

it('leaves alone what ClickHouse is at work on', async () => {
  expect(await client.query('SELECT sleep(1.5) AS slept')).toEqual([{ slept: 0 }]);
});

it('gives up what ClickHouse does not know of, and the next request has a connection of its own', async () => {
  await client.query('SELECT 1');
  proxy.freeze();
  await expect(client.query('SELECT 1')).rejects.toMatchObject({ code: 'clickhouse_unavailable' });
  expect(await client.query('SELECT 2 AS n')).toEqual([{ n: 2 }]);
});

it('gives an insert up likewise', async () => {
  await client.command('CREATE TABLE IF NOT EXISTS watched_rows (n UInt8) ENGINE = Memory');
  proxy.freeze();
  const insert = () => client.insertBytes('INSERT INTO watched_rows FORMAT JSONEachRow', '{"n":1}', {});
  await expect(insert()).rejects.toMatchObject({ code: 'clickhouse_unavailable' });
  await insert();
  expect(await client.query('SELECT n FROM watched_rows')).toEqual([{ n: 1 }]);
  await client.command('DROP TABLE watched_rows');
});
