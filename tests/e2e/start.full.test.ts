import { execFile, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Demo, serviceNames, startSwitchboard, webhookCommand } from '@switchboard/start';
import type { Engines } from '@switchboard/testkit';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';

const run = promisify(execFile);
const MAIN = fileURLToPath(new URL('../../infra/start/src/main.ts', import.meta.url));
const START_MS = 240_000;
const engines: Engines = inject('engines');

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
  await vi.waitFor(
    async () => {
      expect(await ask(firstDemo, 'calls')).toMatchObject({
        calls: [{ direction: 'inbound', duration_seconds: 42 }],
      });
      expect(await ask(firstDemo, 'analytics/voice-calls?time_period=today')).toMatchObject({
        summary: { calls_total: { value: 1 } },
      });
    },
    { timeout: 60_000, interval: 100 },
  );

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
    expect(await ask(demo, 'calls')).toMatchObject({ calls: [{ duration_seconds: 42 }] });

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

test('a reset start forgets the data; engines given by URL are used and not started', {
  timeout: START_MS,
}, async () => {
  const { kafka, schemaRegistry, clickhouse } = engines;
  const name = `start_${randomBytes(4).toString('hex')}`;
  const env = {
    // Brokers as a person writes them.
    KAFKA_BROKERS: ` ${kafka} , ${kafka}`,
    KAFKA_TOPIC_PREFIX: `${name}.`,
    KAFKA_GROUP_PREFIX: `${name}.`,
    SCHEMA_REGISTRY_URL: schemaRegistry,
    CLICKHOUSE_URL: clickhouse.url,
    CLICKHOUSE_USER: clickhouse.user,
    CLICKHOUSE_PASSWORD: clickhouse.password,
    CLICKHOUSE_DATABASE: name,
    CLICKHOUSE_ANALYST_USER: clickhouse.analyst.user,
    CLICKHOUSE_ANALYST_PASSWORD: clickhouse.analyst.password,
  };
  // Embedded engines alone forget their data, and what is kept elsewhere was made with the keys.
  const child = spawn(process.execPath, [MAIN, '--reset', '--quiet'], {
    cwd: home,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', (code) => resolve(code)));
  let printed = '';
  child.stdout.on('data', (chunk) => {
    printed += chunk;
  });
  try {
    await vi.waitFor(() => expect(existsSync(demoFile)).toBe(true), { timeout: 60_000, interval: 100 });
    const demo: Demo = JSON.parse(await readFile(demoFile, 'utf8'));
    expect(demo.api_key).toBe(firstDemo.api_key);
    expect(demo.clickhouse).toEqual({
      url: clickhouse.url,
      user: clickhouse.user,
      password: clickhouse.password,
    });
    expect(await ask(demo, 'calls')).toMatchObject({ calls: [] });
    expect(await selectOne(demo)).toBe('1\n');
    await run('bash', ['-c', webhookCommand(demo)]);
    await vi.waitFor(
      async () =>
        expect(await ask(demo, 'analytics/voice-calls?time_period=today')).toMatchObject({
          summary: { calls_total: { value: 1 } },
        }),
      { timeout: 60_000, interval: 100 },
    );
    const running = JSON.parse(await readFile(join(dir, 'running.json'), 'utf8'));
    expect(running.processes.filter(({ kind }: { kind: string }) => kind === 'engine')).toMatchObject([
      { name: 'postgres' },
    ]);
  } finally {
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    await query(clickhouse, `DROP DATABASE IF EXISTS ${name}`);
  }
  expect(printed).toBe('');
});

async function ask(demo: Demo, path: string): Promise<unknown> {
  const headers = { authorization: `Bearer ${demo.api_key}` };
  const answer = await fetch(`${demo.api}/api/v1/${path}`, { headers });
  expect(answer.status).toBe(200);
  return answer.json();
}

function selectOne({ clickhouse: { url }, analyst }: Demo): Promise<string> {
  return query({ url, ...analyst }, 'SELECT 1');
}

async function query(login: { url: string; user: string; password: string }, sql: string): Promise<string> {
  const headers = { 'x-clickhouse-user': login.user, 'x-clickhouse-key': login.password };
  const answer = await fetch(login.url, { method: 'POST', body: sql, headers });
  return answer.text();
}

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
  for (let i = 0; i < 300 && pids.some(isAlive); i++) await sleep(100);
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
