import { appendFile, copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import {
  type Cli,
  finish,
  leftovers,
  makeClone,
  runCli,
  runProgram,
  untilPrinted,
} from './testing/run-cli.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

test('by npm, options come through and exit codes come back, from start to stop', async () => {
  const clone = await makeClone();
  // npm runs scripts where the manifest is: a manifest of its own has data of its own.
  await copyFile(join(ROOT, 'package.json'), join(clone.dir, 'package.json'));
  for (const name of ['node_modules', 'infra']) await symlink(join(ROOT, name), join(clone.dir, name));
  const npm = (...args: string[]): Cli => runProgram('npm', args, { cwd: clone.dir, leads: true });
  const ended = (...args: string[]) => finish(npm(...args));
  const interrupt = async (cli: Cli) => {
    // As Ctrl-C in a terminal: npm and what it runs hear it.
    process.kill(-(cli.child.pid ?? Number.NaN), 'SIGINT');
    return finish(cli);
  };

  expect(await ended('run', 'status')).toMatchObject({
    code: 3,
    printed: expect.stringContaining('does not run here'),
  });
  expect(await ended('start', '--', '--only', 'api')).toMatchObject({
    code: 64,
    printed: expect.stringContaining('api needs postgres, clickhouse'),
  });

  const started = npm('start', '--', '--only', 'postgres');
  try {
    await untilPrinted(started, 'Ready after');
    expect(await ended('start', '--', '--only', 'postgres')).toMatchObject({
      code: 10,
      printed: expect.stringContaining('Switchboard runs already here'),
    });
    expect(await ended('run', 'status')).toMatchObject({
      code: 0,
      printed: expect.stringMatching(/^postgres +\d+ +\d+ +listens/m),
    });

    const logs = join(clone.data, 'logs');
    await mkdir(logs, { recursive: true });
    for (const name of ['sink-postgres', 'sink-clickhouse'])
      await writeFile(join(logs, `${name}.log`), `${name} began\n`);
    const byNpm = npm('run', 'logs', '--', 'sink', '-f');
    const alone = runCli(clone.dir, 'commands/logs.ts', ['sink', '-f']);
    for (const cli of [byNpm, alone]) await untilPrinted(cli, 'sink-clickhouse | sink-clickhouse began');
    await appendFile(join(logs, 'sink-postgres.log'), 'one more\n');
    for (const cli of [byNpm, alone]) await untilPrinted(cli, 'sink-postgres   | one more');
    alone.child.kill('SIGINT');
    expect((await finish(alone)).code).toBe(0);
    // npm itself ends as one who was interrupted.
    await interrupt(byNpm);
    expect(await ended('run', 'logs', '--', 'nobody')).toMatchObject({
      code: 2,
      printed: expect.stringContaining('there is no log of nobody'),
    });

    expect(await ended('run', 'stop')).toMatchObject({
      code: 0,
      printed: expect.stringContaining('stopped; the data is kept'),
    });
    expect((await started.ended).code).toBe(0);
  } finally {
    if (started.child.exitCode === null) await interrupt(started);
  }
  expect(await leftovers(clone)).toEqual([]);
  await clone.remove();
});
