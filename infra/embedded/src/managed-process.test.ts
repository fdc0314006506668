import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { freePort, isPortFree } from './free-port.ts';
import { type ProcessSpec, startProcess } from './managed-process.ts';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'switchboard-engine-'));
});

afterEach(() => rm(dir, { recursive: true, force: true }));

function spec(script: string, over: Partial<ProcessSpec> = {}): ProcessSpec {
  return {
    name: 'toy',
    port: 1,
    url: 'toy://',
    logFile: join(dir, 'toy.log'),
    command: process.execPath,
    args: ['-e', script],
    env: {},
    isReady: (log) => log.includes('ready'),
    readyTimeoutMs: 10_000,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 5_000,
    ...over,
  };
}

const STAYS = 'console.log("ready"); setInterval(() => undefined, 1000);';

test('is ready when its log says so, and ends when it is stopped', async () => {
  const engine = await startProcess(spec(STAYS));
  expect(isAlive(engine.pid)).toBe(true);
  await engine.stop();
  expect(await engine.exited).toEqual({ code: null, signal: 'SIGTERM' });
  expect(isAlive(engine.pid)).toBe(false);
});

test('comes back as another process after a kill', async () => {
  const engine = await startProcess(spec(STAYS));
  const first = engine.pid;
  await engine.kill();
  await engine.restart();
  expect(engine.pid).not.toBe(first);
  expect(isAlive(engine.pid)).toBe(true);
  await engine.stop();
});

test('a restart that hangs ends when it is stopped', async () => {
  const ready = { now: true };
  const engine = await startProcess(
    spec(STAYS, { isReady: (log) => ready.now && log.includes('ready'), readyTimeoutMs: 600_000 }),
  );
  ready.now = false;
  const first = engine.pid;
  const restarted = engine.restart();
  restarted.catch(() => undefined);
  await engine.exited;
  await vi.waitFor(async () => {
    expect((await readFile(join(dir, 'toy.log'), 'utf8')).match(/ready/g)).toHaveLength(2);
  }, 15_000);
  await engine.stop();
  await expect(restarted).rejects.toThrow('toy was stopped');
  expect(isAlive(first)).toBe(false);
  expect(execFileSync('ps', ['--ppid', String(process.pid), '-o', 'args=']).toString()).not.toContain(
    'setInterval(() => undefined, 1000)',
  );
});

test('says what it printed last when it ends before it is ready', async () => {
  await expect(startProcess(spec('console.log("no disk"); process.exit(3)'))).rejects.toThrow(
    /toy ended \(exit code 3\) before it was ready[\s\S]*no disk/,
  );
});

test('says that it was not ready in time, and ends it', async () => {
  const starting = startProcess(
    spec('', { command: '/bin/sh', args: ['-c', 'echo slow; exec sleep 600'], readyTimeoutMs: 3_000 }),
  );
  await expect(starting).rejects.toMatchObject({
    code: 'process_hung',
    message: expect.stringMatching(
      /toy was not ready within 3 s, and was ended\.[\s\S]*--patience[\s\S]*slow/,
    ),
  });
});

test('a full disk is told from what it says', async () => {
  const starting = startProcess(spec('console.log("write: No space left on device"); process.exit(1)'));
  await expect(starting).rejects.toMatchObject({ code: 'disk_full', message: expect.stringContaining(dir) });
});

test('when another process has its port, that one is named', async () => {
  const port = await freePort();
  const listen = `require('node:net').createServer().listen(${port}, '127.0.0.1')`;
  // Not a child of this process: those may be engines that are still ending.
  const stranger = execFileSync('sh', [
    '-c',
    '"$0" -e "$1" >/dev/null 2>&1 & echo $!',
    process.execPath,
    listen,
  ]);
  const pid = Number(stranger.toString());
  try {
    await eventually(async () => ((await isPortFree(port)) ? undefined : true));
    await expect(startProcess(spec('process.exit(1)', { port }))).rejects.toMatchObject({
      code: 'port_taken',
      message: expect.stringContaining(`Port ${port}, which toy is to use, is taken by process ${pid} (`),
    });
  } finally {
    process.kill(pid, 'SIGKILL');
  }
});

test('is ended when the start is broken off, with the reason', async () => {
  const broken = new AbortController();
  const starting = startProcess(spec('setInterval(() => 0, 1000)', { signal: broken.signal }));
  setTimeout(() => broken.abort(new Error('another engine failed')), 100);
  await expect(starting).rejects.toThrow('another engine failed');
});

test('is killed when it does not end in time', async () => {
  const deaf = `process.on("SIGTERM", () => undefined); ${STAYS}`;
  const engine = await startProcess(spec(deaf, { stopTimeoutMs: 200 }));
  await engine.stop();
  expect((await engine.exited).signal).toBe('SIGKILL');
});

test('an early end that passes by itself is tried again', async () => {
  const file = join(dir, 'held');
  await writeFile(file, '');
  const script = `const fs = require("fs"); if (fs.existsSync(${JSON.stringify(file)})) {
    fs.rmSync(${JSON.stringify(file)}); console.log("held"); process.exit(1); } ${STAYS}`;
  const engine = await startProcess(spec(script, { retryWhen: /held/ }));
  await engine.stop();
});

test('does not outlive a parent that is killed', async () => {
  const pidFile = join(dir, 'pid');
  const parent = spawn(process.execPath, [
    '--input-type=module',
    '-e',
    `import { startProcess } from ${JSON.stringify(new URL('./managed-process.ts', import.meta.url).href)};
     import { writeFileSync } from 'node:fs';
     const spec = ${JSON.stringify(spec(STAYS))};
     const engine = await startProcess({ ...spec, isReady: (log) => log.includes('ready') });
     writeFileSync(${JSON.stringify(pidFile)}, String(engine.pid));
     setInterval(() => undefined, 1000);`,
  ]);
  const pid = await eventually(async () => Number(await readFile(pidFile, 'utf8')) || undefined);
  expect(isAlive(pid)).toBe(true);
  parent.kill('SIGKILL');
  await eventually(() => !isAlive(pid) || undefined);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function eventually<T>(probe: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (let i = 0; i < 200; i++) {
    try {
      const value = await probe();
      if (value !== undefined) return value;
    } catch {
      // Not there yet.
    }
    await sleep(50);
  }
  throw new Error('it did not come about');
}
