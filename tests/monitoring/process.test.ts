import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '@switchboard/embedded';
import { firing } from '@switchboard/monitoring/firing';
import { scrape } from '@switchboard/monitoring/scrape';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Bender, makeBender } from './bent.ts';

/** What befalls a process whatever it does: the ClickHouse sink, which answers while its engines are away. */

const main = fileURLToPath(new URL('../../services/sink/src/clickhouse/main.ts', import.meta.url));
let bender: Bender;
let service: ChildProcess;
let url: string;

beforeEach(async () => {
  bender = await makeBender();
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  service = spawn(process.execPath, [main], {
    stdio: 'ignore',
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      DATABASE_URL: 'postgres://switchboard_sink:none@127.0.0.1:9/switchboard',
      CLICKHOUSE_URL: 'http://127.0.0.1:9',
      ...bender.env,
    },
  });
  await expect.poll(() => scrape(url)).toContain('up 1');
});
afterEach(async () => {
  service.kill('SIGKILL');
  if (service.exitCode === null && service.signalCode === null) await once(service, 'exit');
  await bender.remove();
});

const bend = (how: Parameters<Bender['bend']>[1]) => bender.bend(service.pid ?? 0, how);

it('one that hangs, and one that is gone, is down', async () => {
  expect(firing('ProcessDown', { now: await scrape(url) })).toEqual([]);
  service.kill('SIGSTOP');
  expect(firing('ProcessDown', { now: await scrape(url, 500) })).toHaveLength(1);
  service.kill('SIGCONT');
  expect(firing('ProcessDown', { now: await scrape(url) })).toEqual([]);
  service.kill('SIGKILL');
  await once(service, 'exit');
  expect(firing('ProcessDown', { now: await scrape(url) })).toMatchObject([
    { labels: { job: 'switchboard', instance: expect.any(String) } },
  ]);
});

it('one that does nothing else for a second at a time again and again has its loop blocked', async () => {
  // What it did while it began is not what is asked for.
  await scrape(url);
  expect(firing('EventLoopBlocked', { now: await scrape(url) })).toEqual([]);
  await bend({ blockMs: 1_200 });
  // As between two scrapes: once in a while is enough, though it is idle for most of the time.
  await sleep(2_500);
  expect(firing('EventLoopBlocked', { now: await scrape(url) })).toMatchObject([
    { labels: { service: 'sink-clickhouse', instance: expect.any(String) } },
  ]);
});

it('one that takes more and more memory is told of', async () => {
  expect(firing('MemoryGrows', { now: await scrape(url) })).toEqual([]);
  await bend({ bytes: 1.2e9 });
  await expect
    .poll(async () => firing('MemoryGrows', { now: await scrape(url) }))
    .toMatchObject([{ labels: { service: 'sink-clickhouse', instance: expect.any(String) } }]);
});
