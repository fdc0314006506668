import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createLogger } from './logger.ts';
import { connectSharedCounts, createQuota, type SharedCounts } from './quota.ts';
import { createRedisServer, type RedisServer } from './testing/redis-server.ts';

const logger = createLogger({ service: 'test', level: 'silent' });
/** Longer than a busy machine needs. */
const answerMs = 3_000;
const processes: { redis: SharedCounts; quota: ReturnType<typeof createQuota> }[] = [];
let server: RedisServer;
beforeAll(async () => {
  server = await createRedisServer();
  await server.start();
  for (const _ of ['one process', 'another']) {
    const redis = connectSharedCounts(server.url, logger, answerMs);
    processes.push({ redis, quota: createQuota({ name: 'test', windowMs: 60_000, redis }) });
  }
});
afterAll(async () => {
  for (const { redis } of processes) redis.close();
  await server?.kill();
});

const up = () => vi.waitFor(() => expect(processes.every(({ redis }) => redis.isUp())).toBe(true), 10_000);
/** So many from each process, one after another; how many were let in. */
async function allowed(key: string, limit: number, attempts: number): Promise<number> {
  let sum = 0;
  for (let at = 0; at < attempts; at += 1)
    for (const { allowed } of await Promise.all(processes.map(({ quota }) => quota.take(key, limit))))
      sum += Number(allowed);
  return sum;
}

it('processes count together; while Redis is dead or frozen each answers on and counts for itself; then together again', async () => {
  await up();
  expect(await allowed('together', 10, 20)).toBe(10);

  await server.kill();
  expect(await allowed('dead', 10, 20)).toBe(20);

  await server.start();
  await up();
  expect(await allowed('back', 10, 20)).toBe(10);

  server.signal('SIGSTOP');
  const began = performance.now();
  expect(await allowed('frozen', 10, 200)).toBe(20);
  // Not each of the 400 waits for an answer that does not come.
  expect(performance.now() - began).toBeLessThan(20 * answerMs);
  server.signal('SIGCONT');
  await up();
  expect(await allowed('thawed', 10, 20)).toBe(10);
}, 120_000);

it('what was let in as one counts whole in both windows, for all processes', async () => {
  await up();
  const burst = { windowMs: 1_000, limitOf: () => 20 };
  const [one, other] = processes.map(({ redis }) =>
    createQuota({ name: 'charged', windowMs: 60_000, burst, redis }),
  );
  await one?.take('a', 100);
  await one?.charge('a', 999);
  await vi.waitFor(
    async () =>
      expect(await other?.take('a', 100)).toMatchObject({ allowed: false, limit: 100, remaining: 0 }),
    10_000,
  );
}, 30_000);

it('a Redis that was only slow is told of each time: away, and back', async () => {
  await up();
  const said: string[] = [];
  const write = (line: string) => said.push(/Redis is (away|back)/.exec(line)?.[1] ?? line);
  const redis = connectSharedCounts(
    server.url,
    createLogger({ service: 'test', level: 'info' }, { write }),
    answerMs,
  );
  const quota = createQuota({ name: 'slow', windowMs: 60_000, redis });
  for (const sofar of [[], ['away', 'back']]) {
    await vi.waitFor(() => expect(redis.isUp()).toBe(true), 10_000);
    await quota.take('a', 10);
    expect(said).toEqual(sofar);
    server.signal('SIGSTOP');
    await quota.take('a', 10);
    server.signal('SIGCONT');
    expect(said).toEqual([...sofar, 'away']);
    await vi.waitFor(() => expect(redis.isUp()).toBe(true), 10_000);
    await quota.take('a', 10);
    expect(said).toEqual([...sofar, 'away', 'back']);
  }
  redis.close();
}, 60_000);

it('a process that starts while Redis is away counts for itself, and together when it comes', async () => {
  await server.kill();
  const redis = connectSharedCounts(server.url, logger, answerMs);
  const quota = createQuota({ name: 'late', windowMs: 60_000, redis });
  expect(await quota.take('a', 1)).toMatchObject({ allowed: true, remaining: 0 });
  expect(await quota.take('a', 1)).toMatchObject({ allowed: false });
  await server.start();
  await vi.waitFor(() => expect(redis.isUp()).toBe(true), 10_000);
  expect(await quota.take('a', 1)).toMatchObject({ allowed: true });
  redis.close();
}, 30_000);
