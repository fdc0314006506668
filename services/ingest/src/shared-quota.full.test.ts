import { randomUUID } from 'node:crypto';
import type { ManagedProcess } from '@switchboard/embedded';
import { createRedisServer, type RedisServer } from '@switchboard/platform/testing/redis-server';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import { clinics } from './testing/clinics.ts';
import { type IngestStack, startIngestStack } from './testing/ingest-stack.ts';
import { callBody, post, zoiceHeaders } from './testing/post-webhook.ts';

const limit = 10;
let stack: IngestStack;
let redis: RedisServer;
let first: ManagedProcess;
let second: ManagedProcess;

beforeAll(async () => {
  redis = await createRedisServer();
  await redis.start();
  stack = await startIngestStack(inject('engines').schemaRegistry);
  const settings = { REDIS_URL: redis.url, INGEST_TENANT_LIMIT_PER_MINUTE: String(limit) };
  first = await stack.startIngest(settings);
  second = await stack.startIngest(settings);
  for (const { url } of [first, second])
    await vi.waitFor(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200), 60_000);
}, 200_000);
afterAll(async () => {
  await stack?.stop();
  await redis?.kill();
}, 60_000);

async function call({ url }: ManagedProcess): Promise<number> {
  const body = JSON.stringify(callBody(randomUUID()));
  const headers = zoiceHeaders(clinics.asha.defaultSecret, body);
  const { status } = await post(`${url}/api/v1/voice/webhook`, body, headers);
  return status;
}

/** One after another, until the first that is refused; at most as many as a quota allows. @returns how many were taken */
async function takenBy(one: ManagedProcess): Promise<number> {
  for (let taken = 0; taken < limit; taken += 1) {
    const status = await call(one);
    if (status === 429) return taken;
    expect(status).toBe(202);
  }
  return limit;
}

const bothSaid = (words: string) =>
  vi.waitFor(
    async () => {
      for (const one of [first, second]) expect(await stack.logOf(one)).toContain(words);
    },
    { timeout: 30_000, interval: 100 },
  );

// What a busy machine lets Redis answer later than it is waited for is counted by the process itself: a few, not all.
it('two processes take together what a clinic may send; each goes on by itself while Redis is away, and then together again', async () => {
  expect(await takenBy(first)).toBe(limit);
  expect(await takenBy(second)).toBeLessThan(limit / 2);

  await redis.kill();
  await bothSaid('Redis is away: quotas are counted by each process for itself');
  expect(await Promise.all([first, second].map(call))).toEqual([202, 202]);

  await redis.start();
  await bothSaid('Redis is back: quotas are counted together again');
  const byFirst = await takenBy(first);
  const bySecond = await takenBy(second);
  expect(bySecond).toBeLessThan(limit / 2);
  expect(byFirst + bySecond).toBeGreaterThanOrEqual(limit);
}, 120_000);
