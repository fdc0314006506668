import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { type FaultProxy, startProxyBefore } from '@switchboard/testkit/fault-proxy';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { connectDirect, type DirectConnection } from './direct-connection.ts';

let database: TestDatabase;
let proxy: FaultProxy;
let connection: DirectConnection;
beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  const before = await startProxyBefore(database.urlAs('switchboard_sink'));
  proxy = before;
  connection = await connectDirect({ url: before.url, applicationName: 'test' });
});
afterAll(async () => {
  await connection?.close();
  await proxy?.stop();
  await database?.drop();
});

it('may take long over a question', async () => {
  const { rows } = await connection.query<{ n: number }>('SELECT 1 AS n FROM pg_sleep(11)');
  expect(rows).toEqual([{ n: 1 }]);
}, 20_000);

it('is lost when it brings no answers any more, whatever was asked on it', async () => {
  proxy.freeze();
  await expect(connection.query('SELECT 1')).rejects.toThrow('Connection terminated');
  expect(await connection.lost).toBeInstanceOf(Error);
}, 20_000);
