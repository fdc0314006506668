import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Demo, serviceNames, startSwitchboard, webhookCommand } from '@switchboard/start';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
const MAIN = fileURLToPath(new URL('../../infra/start/src/main.ts', import.meta.url));
const START_MS = 240_000;

let home: string;
let dir: string;
let demoFile: string;
let firstDemo: Demo;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'switchboard-start-'));
  dir = join(home, '.switchboard');
  demoFile = join(dir, 'demo.json');
});

afterAll(() => rm(home, { recursive: true, force: true }));

test('the first start takes a call, and Ctrl-C leaves nothing running', { timeout: START_MS }, async () => {
  const child = spawn(process.execPath, [MAIN], { cwd: home, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', (code) => resolve(code)));
  let printed = '';
  child.stdout.on('data', (chunk) => {
    printed += chunk;
  });
  while (!printed.includes('Ctrl-C stops everything') && child.exitCode === null) await sleep(100);
  expect((await stat(demoFile)).mode & 0o777).toBe(0o600);
  firstDemo = JSON.parse(await readFile(demoFile, 'utf8'));
  for (const shown of [firstDemo.ingest, firstDemo.api, firstDemo.api_key, firstDemo.login.password]) {
    expect(printed).toContain(shown);
  }

  const curl = printed.split('\n').find((line) => line.startsWith('t=$(date')) ?? '';
  expect(curl).toBe(webhookCommand(firstDemo));
  const { stdout: answer } = await run('bash', ['-c', curl]);
  expect(answer).toMatch(/^HTTP\/1\.1 202 /);
  expect(answer).toContain('"status":"accepted"');

  await expect(startSwitchboard({ dir })).rejects.toThrow('runs already here');

  const family = descendants(child.pid ?? 0);
  expect(family.length).toBeGreaterThanOrEqual(9);
  child.kill('SIGINT');
  expect(await ended).toBe(0);
  expect(existsSync(demoFile)).toBe(false);
  await untilGone(family);
  console.log(printed.split('\n').find((line) => line.startsWith('Ready after')));
});

test('a second start finds what was there', { timeout: START_MS }, async () => {
  const started = Date.now();
  const switchboard = await startSwitchboard({ dir });
  try {
    console.log(`second start: ready after ${((Date.now() - started) / 1000).toFixed(1)} s`);
    const { demo } = switchboard;
    expect(demo.api_key).toBe(firstDemo.api_key);
    expect(demo.tenant).toBe(firstDemo.tenant);
    const headers = { authorization: `Bearer ${demo.api_key}` };
    const answer = await fetch(`${demo.api}/api/v1/calls`, { headers });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('call_');

    const before = switchboard.pid('enrich');
    await switchboard.kill('enrich');
    while (switchboard.pid('enrich') === before) await sleep(20);
    await switchboard.ready(['enrich']);
  } finally {
    const pids = serviceNames.map((name) => switchboard.pid(name));
    await switchboard.stop();
    await untilGone(pids);
  }
});

function descendants(root: number): number[] {
  const table = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const childrenOf = (parent: number): number[] =>
    table.flatMap(([pid = 0, ppid = 0]) => (ppid === parent ? [pid, ...childrenOf(pid)] : []));
  return childrenOf(root);
}

async function untilGone(pids: number[]): Promise<void> {
  for (let i = 0; i < 50 && pids.some(isAlive); i++) await sleep(100);
  expect(pids.filter(isAlive)).toEqual([]);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
