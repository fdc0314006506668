import { afterAll, beforeAll, expect, it } from 'vitest';
import { getRows, putRows } from './many-rows.ts';
import { startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const MIB = 1024 * 1024;

it.each([
  ['identity', 1024],
  ['zstd', 1024],
  ['blocks', 512],
] as const)('holds neither an insert nor a result as %s, of %i MiB', async (encoding, mib) => {
  const before = await server.residentBytes();
  const put = await putRows(server, encoding, mib * MIB, encoding);
  const got = await getRows(server, encoding, encoding);
  expect([got.bytes, got.sum]).toEqual([put.bytes, put.sum]);
  expect(put.residentBytes - before).toBeLessThan(400 * MIB);
  expect(got.residentBytes - before).toBeLessThan(400 * MIB);
});
