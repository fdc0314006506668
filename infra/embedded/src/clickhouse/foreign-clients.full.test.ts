import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, READER, startTestServer, type TestServer } from './test-server.ts';

const run = promisify(execFile);
const fileOf = (name: string) => fileURLToPath(new URL(`./foreign-clients/${name}`, import.meta.url));
const hasPython = spawnSync('python3', ['-c', 'import venv, ensurepip']).status === 0;

/** Clients that nobody here wrote, fetched from PyPI; where there is no Python with venv, there is nothing to run. */
describe.runIf(hasPython)("the data team's Python", () => {
  let dir: string;
  let python: string;
  let server: TestServer;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'switchboard-python-'));
    python = join(dir, 'bin', 'python');
    await run('python3', ['-m', 'venv', dir]);
    const options = ['--quiet', '--disable-pip-version-check', '--requirement'];
    await run(python, ['-m', 'pip', 'install', ...options, fileOf('requirements.txt')]);
    server = await startTestServer();
  });
  afterAll(async () => {
    await server?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  it('asks, inserts, streams and reflects by clickhouse-connect, pandas and two dialects of SQLAlchemy', async () => {
    const access = [ADMIN.name, ADMIN.password, READER.name, READER.password];
    const { stdout } = await run(python, [fileOf('use_clients.py'), server.engine.url, ...access]);
    const frame = [50_000, true];
    const byDialect = [[[1, "b'\\"]], ['id', 'name', 'at', 'n'], { id: [1, 2], name: ['a', "b'\\"] }];
    expect(JSON.parse(stdout)).toEqual({
      rows: [
        [1, 'a', null],
        [2, "b'\\", 2.5],
      ],
      frame_lz4: frame,
      frame_zstd: frame,
      frame_gzip: frame,
      frame_false: frame,
      streamed: 1_000_000,
      error: true,
      'reader reads': [[2]],
      'reader writes': 'no',
      'clickhouse+http': byDialect,
      clickhousedb: byDialect,
    });
  });
});
