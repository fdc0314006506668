import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@switchboard/embedded';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { takeLock } from './lock.ts';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'switchboard-lock-'));
});

afterEach(() => rm(dir, { recursive: true, force: true }));

test('a second start is refused while the first runs, and let in after it', async () => {
  const lock = await takeLock(dir);
  await expect(takeLock(dir)).rejects.toThrow(`runs already here (process ${process.pid}, in ${dir})`);
  await lock.release();
  await (await takeLock(dir)).release();
});

test('the lock of a process that is gone is taken over', async () => {
  const gone = spawn(process.execPath, ['-e', '']);
  await new Promise((resolve) => gone.once('exit', resolve));
  await writeFile(join(dir, 'start.pid'), JSON.stringify({ pid: gone.pid, started: '1', ports: [] }));
  await (await takeLock(dir)).release();
});

test('another process that got the number of a gone one is not taken for it', async () => {
  await writeFile(join(dir, 'start.pid'), JSON.stringify({ pid: process.pid, started: '1', ports: [] }));
  const lock = await takeLock(dir);
  expect(JSON.parse(await readFile(join(dir, 'start.pid'), 'utf8')).started).not.toBe('1');
  await lock.release();
});

test('what a killed start left behind is given time to end', async () => {
  const port = await freePort();
  const orphan = createServer().listen(port, '127.0.0.1');
  await writeFile(join(dir, 'start.pid'), JSON.stringify({ pid: 2 ** 22 + 1, started: '', ports: [port] }));
  let ended = false;
  setTimeout(() => {
    ended = true;
    orphan.close();
  }, 300);
  const lock = await takeLock(dir);
  expect(ended).toBe(true);
  await lock.release();
});

test.each(['', 'no JSON', '{}', 'null'])('a lock that says nobody (%j) keeps nobody out', async (content) => {
  await writeFile(join(dir, 'start.pid'), content);
  const lock = await takeLock(dir);
  expect(JSON.parse(await readFile(join(dir, 'start.pid'), 'utf8')).pid).toBe(process.pid);
  await lock.release();
  expect(await readdir(dir)).toEqual([]);
});
