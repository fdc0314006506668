import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from '@switchboard/embedded';
import { expect, test } from 'vitest';
import { claimsDir } from './port-claims.ts';
import { readRunning } from './running-file.ts';
import { leftovers, runningIn, untilRuns } from './testing/run-cli.ts';
import { eventually, useClone } from './testing/use-clone.ts';

const { clone, begin, start } = useClone();

test('when the start is killed, all it has started ends, and nothing says that it runs', async () => {
  const cli = await start(clone().dir, ['--only', 'postgres,clickhouse']);
  const running = await readRunning(clone().data);
  const pids = running?.processes.map(({ pid }) => pid) ?? [];
  expect(pids).toHaveLength(2);
  // As a whole start would have it, with its credentials.
  await writeFile(join(clone().data, 'demo.json'), '{}');
  cli.child.kill('SIGKILL');
  await eventually(async () => (pids.some(isAlive) ? undefined : true));
  expect(await leftovers(clone())).toEqual([]);
  for (const { port } of running?.processes ?? [])
    expect(await readdir(claimsDir())).not.toContain(String(port));
  expect(await readFile(join(clone().data, 'secrets.json'), 'utf8')).toContain('secretsKey');
  const again = await start(clone().dir, ['--only', 'postgres']);
  expect(again.printed()).toContain('Postgres on port');
});

test.each([
  ['Maven fetches', 'kafka', 'copy-dependencies', 'a cache of its own'],
  ['an archive is unpacked', 'schema-registry,postgres', 'tar -xzf ', 'a cache of its own'],
  ['initdb runs', 'postgres', '--pgdata=', 'that of all'],
  ['databases are made', 'postgres', '--single -j -D ', 'that of all'],
  ['the storage of Kafka is formatted', 'kafka', 'StorageTool', 'that of all'],
])(
  'killed while %s, it leaves nothing that runs, and the next start nothing half made',
  async (_, only, command, cached) => {
    // Maven has what it has downloaded elsewhere.
    const home = cached === 'that of all' ? homedir() : join(clone().dir, 'home');
    const cli = begin(clone().dir, ['--only', only], { HOME: home });
    const pid = await untilRuns(cli, clone().dir, command);
    // Frozen, it can't end by itself: somebody has to do it.
    process.kill(pid, 'SIGSTOP');
    cli.child.kill('SIGKILL');
    await cli.ended;
    await eventually(async () => (runningIn(clone().dir).length === 0 ? true : undefined));
    expect(existsSync(join(clone().data, 'start.pid'))).toBe(false);

    await start(clone().dir, ['--only', only], { HOME: home });
    const files = await readdir(clone().dir, { recursive: true });
    expect(
      files.filter(
        (name) => /\.lock$|\/cluster\.new-|\/switchboard\/\./.test(name) && !/\/logs\//.test(name),
      ),
    ).toEqual([]);
  },
);
