import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

/** Takes minutes, and nearly no processor. */
const MINUTES = 'SELECT sleepEachRow(1) FROM numbers(600) SETTINGS max_block_size = 1';
const running = () =>
  server.read("SELECT count() FROM system.processes WHERE query LIKE 'SELECT sleepEachRow%'");
const patience = { timeout: 30_000 };
const whole = { timeout: 200_000 };

/** Asks, and leaves after so many milliseconds. */
async function leave(afterMs: number): Promise<void> {
  const stop = new AbortController();
  const asked = server.ask(MINUTES, { signal: stop.signal });
  setTimeout(() => stop.abort(), afterMs);
  await expect(asked).rejects.toThrow('aborted');
}

it('leaves nothing running of clients that leave within 20 ms, and every place free', whole, async () => {
  for (let ms = 0; ms <= 20; ms += 1) await leave(ms);
  for (let round = 0; round < 3; round += 1)
    await Promise.all(Array.from({ length: 21 }, (_, ms) => leave(ms)));
  await expect.poll(running, patience).toBe('0');
  // All but the one of who counts.
  const stop = new AbortController();
  const asked = Array.from({ length: 15 }, () =>
    server.ask(MINUTES, { signal: stop.signal }).catch(() => 'gone'),
  );
  await expect.poll(running, patience).toBe('15');
  stop.abort();
  expect(await Promise.all(asked)).toEqual(Array(15).fill('gone'));
  await expect.poll(running, patience).toBe('0');
});

it('stops a statement that has a log_comment of its own', whole, async () => {
  const stop = new AbortController();
  const asked = server.ask(`${MINUTES}, log_comment = 'mine'`, { signal: stop.signal }).catch(() => 'gone');
  await expect.poll(running, patience).toBe('1');
  stop.abort();
  expect(await asked).toBe('gone');
  await expect.poll(running, patience).toBe('0');
});
