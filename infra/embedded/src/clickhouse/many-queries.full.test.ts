import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const MIB = 1024 * 1024;

it('does not grow with the number of queries', async () => {
  const run = async (total: number) => {
    let left = total;
    const client = async () => {
      while (left > 0) {
        left -= 1;
        await server.read('SELECT {x:UInt8}', { param_x: '1' });
      }
    };
    await Promise.all(Array.from({ length: 8 }, client));
  };
  await run(300);
  const before = await server.residentBytes();
  await run(1000);
  expect((await server.residentBytes()) - before).toBeLessThan(64 * MIB);
});
