import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freePort } from './free-port.ts';
import { memoryOf } from './memory.ts';
import { describeHolder, portHolder } from './port-holder.ts';
import { familyOf, isAlive } from './process-table.ts';

test('a family is a process and all below it, and its memory is theirs', async () => {
  const script = `require('node:child_process').spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => 0, 1000)'],
    { stdio: ['ignore', 'inherit', 'ignore'] }); setInterval(() => 0, 1000)`;
  const parent = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  await new Promise((resolve) => parent.stdout.once('data', resolve));
  const pid = parent.pid ?? 0;
  const family = familyOf(pid);
  const { pss = 0, processes } = memoryOf(pid);
  for (const one of family) process.kill(one, 'SIGKILL');
  expect(family).toHaveLength(2);
  expect(processes.map((one) => one.pid)).toEqual(family);
  expect(pss).toBeGreaterThan(10 * 1024 * 1024);
  expect(processes.reduce((sum, one) => sum + (one.pss ?? 0), 0)).toBe(pss);
  await new Promise((resolve) => parent.once('exit', resolve));
  expect(isAlive(pid)).toBe(false);
});

test('who listens on a port is told by number and command', async () => {
  const port = await freePort();
  expect(portHolder(port)).toBeUndefined();
  const server = createServer().listen(port, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  expect(portHolder(port)?.pid).toBe(process.pid);
  expect(describeHolder(port)).toMatch(new RegExp(`^process ${process.pid} \\(.*node`));
  server.close();
});
