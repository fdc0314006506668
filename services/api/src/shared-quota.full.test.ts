import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePort } from '@switchboard/embedded';
import { createRedisServer, type RedisServer } from '@switchboard/platform/testing/redis-server';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import { type ApiStack, startApiStack, testKey } from './testing/api-stack.ts';
import { createTestClient } from './testing/client.ts';

const limit = 10;
const processes: ChildProcess[] = [];
let stand: ApiStack;
let redis: RedisServer;
let urls: string[];

beforeAll(async () => {
  redis = await createRedisServer();
  await redis.start();
  stand = await startApiStack(inject('engines'));
  urls = [await startProcess(), await startProcess()];
}, 60_000);

afterAll(async () => {
  await Promise.all(
    processes.map(async (one) => {
      if (one.kill('SIGKILL')) await once(one, 'exit');
    }),
  );
  await stand?.stop();
  await redis?.kill();
});

async function startProcess(): Promise<string> {
  const { clickhouse } = inject('engines');
  const port = await freePort();
  const main = spawn(process.execPath, [fileURLToPath(new URL('./main.ts', import.meta.url))], {
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      DATABASE_URL: stand.database.urlAs('switchboard_api'),
      CLICKHOUSE_URL: clickhouse.url,
      CLICKHOUSE_USER: clickhouse.user,
      CLICKHOUSE_PASSWORD: clickhouse.password,
      CLICKHOUSE_DATABASE: stand.database.name,
      SECRETS_KEY: testKey,
      PSEUDONYM_KEY: testKey,
      REDIS_URL: redis.url,
      API_TENANT_LIMIT_PER_MINUTE: String(limit),
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  processes.push(main);
  const url = `http://127.0.0.1:${port}`;
  await vi.waitFor(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200), 60_000);
  return url;
}

/** A new clinic's requests, each by the process that is named. */
async function newClinic() {
  const key = await stand.addKey(await stand.database.addTenant(), ['records:read']);
  const clients = urls.map((url) => createTestClient(url, { 'x-api-key': key }));
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
