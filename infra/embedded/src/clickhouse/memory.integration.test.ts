import { afterAll, beforeAll, expect, it } from 'vitest';
import { getRows, putRows } from './many-rows.ts';
import { startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const MIB = 1024 * 1024;

it('holds neither an insert nor a result of 512 MiB', { timeout: 300_000 }, async () => {
  const before = await server.residentBytes();
  const put = await putRows(server, 'random', 512 * MIB, 'identity');
  const got = await getRows(server, 'random', 'identity');
  expect([got.bytes, got.sum]).toEqual([put.bytes, put.sum]);
  expect(put.residentBytes - before).toBeLessThan(400 * MIB);
  expect(got.residentBytes - before).toBeLessThan(400 * MIB);
});
