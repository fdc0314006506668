import { once } from 'node:events';
import { createRedisServer, type RedisServer } from '@switchboard/platform/testing/redis-server';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import { startApiProcess } from './testing/api-process.ts';
import { type ApiStack, startApiStack } from './testing/api-stack.ts';
import { createTestClient } from './testing/client.ts';

const limit = 10;
const processes: Awaited<ReturnType<typeof startApiProcess>>[] = [];
let stand: ApiStack;
let redis: RedisServer;

beforeAll(async () => {
  redis = await createRedisServer();
  await redis.start();
  stand = await startApiStack(inject('engines'));
  const env = { REDIS_URL: redis.url, API_TENANT_LIMIT_PER_MINUTE: String(limit) };
  for (let count = 0; count < 2; count += 1)
    processes.push(await startApiProcess(inject('engines'), stand.database, env));
}, 200_000);

afterAll(async () => {
  await Promise.all(
    processes.map(async ({ main }) => {
      if (main.kill('SIGKILL')) await once(main, 'exit');
    }),
  );
  await stand?.stop();
  await redis?.kill();
});

/** A new clinic's requests, each by the process that is named. */
async function newClinic() {
  const key = await stand.addKey(await stand.database.addTenant(), ['records:read']);
  const clients = processes.map(({ url }) => createTestClient(url, { 'x-api-key': key }));
  return async (process: number) => (await clients[process]?.get('/api/v1/calls'))?.status;
}

it('two processes answer together what a clinic may ask for, and each goes on by itself while Redis is away', async () => {
  // One answer of Redis that comes late, as on a busy machine, and a process counts by itself for a second.
  await vi.waitFor(
    async () => {
      const ask = await newClinic();
      for (let asked = 0; asked < limit; asked += 1) expect(await ask(0)).toBe(200);
      expect(await ask(1)).toBe(429);
    },
    { timeout: 60_000, interval: 1_000 },
  );

  const ask = await newClinic();
  for (let asked = 0; asked < limit; asked += 1) await ask(0);
  await redis.kill();
  expect(await ask(1)).toBe(200);
}, 120_000);
