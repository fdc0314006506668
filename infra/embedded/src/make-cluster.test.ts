import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { makeCluster } from './make-cluster.ts';
import { isAlive } from './process-table.ts';

/** Puts down what `--pgdata` names, as initdb does. */
const MAKES = 'for a in "$@"; do case "$a" in --pgdata=*) mkdir "$(echo "$a" | cut -d= -f2)";; esac; done';
const HANGS = 'sleep 600 & echo $! > "$HOME/child"; wait';
const NAMED = { password: 'secret', databases: [{ name: 'one' }] };

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'switchboard-cluster-'));
  await mkdir(join(dir, 'data'));
  await mkdir(join(dir, 'home'));
  vi.stubEnv('HOME', join(dir, 'home'));
  vi.stubEnv('TMPDIR', join(dir, 'home'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(dir, { recursive: true, force: true });
});

async function make(
  initdb: string,
  postgres: string,
  limits: { readyTimeoutMs?: number; signal?: AbortSignal },
) {
  const bin = { initdb: join(dir, 'initdb'), postgres: join(dir, 'postgres'), major: '18' };
  await writeFile(bin.initdb, `#!/bin/sh\n${initdb}\n`);
  await writeFile(bin.postgres, `#!/bin/sh\n${postgres}\n`);
  for (const file of [bin.initdb, bin.postgres]) await chmod(file, 0o755);
  return makeCluster(bin, join(dir, 'data', 'cluster'), undefined, { ...NAMED, ...limits });
}

async function child(): Promise<number> {
  const file = join(dir, 'home', 'child');
  return Number(await vi.waitFor(() => readFile(file, 'utf8').then(nonEmpty), 20_000));
}

function nonEmpty(text: string): string {
  if (text === '') throw new Error('not written yet');
  return text;
}

test.each([
  ['initdb', HANGS, 'exit 0'],
  ['postgres', MAKES, HANGS],
])(
  '%s that hangs is ended in time, with what it has started, and leaves nothing',
  async (_, initdb, postgres) => {
    await expect(make(initdb, postgres, { readyTimeoutMs: 5_000 })).rejects.toMatchObject({
      code: 'process_hung',
      message: expect.stringContaining('within 5 s'),
    });
    expect(isAlive(await child())).toBe(false);
    expect(await readdir(join(dir, 'data'))).toEqual([]);
    expect(await readdir(join(dir, 'home'))).toEqual(['child']);
  },
);

test.each([
  ['initdb', HANGS, 'exit 0'],
  ['postgres', MAKES, HANGS],
])('%s that hangs is ended when the start is broken off', async (_, initdb, postgres) => {
  const stop = new AbortController();
  const made = make(initdb, postgres, { signal: stop.signal });
  made.catch(() => undefined);
  const pid = await child();
  stop.abort(new Error('stopped'));
  await expect(made).rejects.toThrow('stopped');
  expect(isAlive(pid)).toBe(false);
  expect(await readdir(join(dir, 'data'))).toEqual([]);
});

test('what a killed start has left, its password among it, is removed by the next', async () => {
  const left = join(dir, 'data', 'cluster.new-abc123');
  await mkdir(left);
  await writeFile(join(left, 'password'), 'secret\n');
  await make(MAKES, 'cat > /dev/null', {});
  expect(await readdir(join(dir, 'data'))).toEqual(['cluster']);
});

test('the password is never outside of the data directory', async () => {
  await make(
    `${MAKES}; for a in "$@"; do case "$a" in --pwfile=*) echo "$a" > "$HOME/child";; esac; done`,
    'cat',
    {},
  );
  expect(await readFile(join(dir, 'home', 'child'), 'utf8')).toContain(`--pwfile=${join(dir, 'data')}/`);
});

test('initdb that fails is told with its last lines', async () => {
  await expect(make('echo "no such locale" >&2; exit 1', 'exit 0', {})).rejects.toMatchObject({
    code: 'process_died',
    message: expect.stringContaining('no such locale'),
  });
  await expect(make('echo "No space left on device" >&2; exit 1', 'exit 0', {})).rejects.toMatchObject({
    code: 'disk_full',
  });
});
