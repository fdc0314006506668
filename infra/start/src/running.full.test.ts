import { isAlive } from '@switchboard/embedded';
import { expect, test } from 'vitest';
import { readRunning } from './running-file.ts';
import { leftovers, makeClone, makePath, untilPrinted } from './testing/run-cli.ts';
import { eventually, useClone } from './testing/use-clone.ts';

const { clone, begin, start, command } = useClone();

test('a quiet start tells what goes wrong, and nothing else', async () => {
  const cli = begin(clone().dir, ['--only', 'clickhouse', '--quiet']);
  const ready = await eventually(async () => {
    const running = await readRunning(clone().data);
    return running?.ready ? running : undefined;
  });
  expect(cli.printed()).not.toMatch(/ready|Ready/);
  process.kill(ready.processes[0]?.pid ?? 0, 'SIGKILL');
  await untilPrinted(cli, 'clickhouse runs again');
  expect(cli.printed()).toContain('clickhouse ended (SIGKILL); starting it again\n');
  expect((await command('status')).printed).toMatch(/clickhouse .* 1 +SIGKILL\n/);
});

test('Postgres is asked by psql, and where there is none by a client of our own', async () => {
  await start(clone().dir, ['--only', 'postgres']);
  const asked = ['-c', `SELECT current_database() AS here, NULL AS nothing, '{"a":1}'::jsonb AS doc`];
  const fake = await makePath(clone(), {
    psql: 'test -n "$PGPASSWORD" && echo "psql $* as $PGUSER at $PGHOST, $PGDATABASE, with a password"',
  });
  const byPsql = await command('psql', asked, { PATH: fake });
  expect(byPsql.printed).toContain('as postgres at 127.0.0.1, switchboard, with a password');
  const PATH = await makePath(clone(), {}, []);
  const own = await command('psql', asked, { PATH });
  expect(own).toEqual({ code: 0, printed: 'here\tnothing\tdoc\nswitchboard\t\t{"a":1}\nSELECT 1\n' });
  expect(await command('psql', ['-c', 'SELEC'], { PATH })).toMatchObject({ code: 1 });
  expect(await command('clickhouse', ['SELECT 1'])).toMatchObject({
    code: 1,
    printed: expect.stringContaining('ClickHouse is not among what runs here'),
  });
});

test('two clones run side by side: the second takes other ports and says who has the usual ones', async () => {
  const other = await makeClone();
  try {
    const first = await start(clone().dir, ['--only', 'postgres']);
    const second = await start(other.dir, ['--only', 'postgres']);
    const [one, two] = await Promise.all([readRunning(clone().data), readRunning(other.data)]);
    const [port, secondPort] = [one?.processes[0]?.port, two?.processes[0]?.port];
    expect(secondPort).not.toBe(port);
    // Where something else of the machine has 5432, the first has moved too.
    const holder = port === 5432 ? `process ${first.child.pid} (another start of Switchboard)` : '';
    expect(second.printed()).toContain(`port 5432 is taken by ${holder}`);
    expect(second.printed()).toContain(`: postgres uses ${secondPort}\n`);
    expect(first.child.exitCode).toBeNull();
    second.child.kill('SIGINT');
    await second.ended;
    expect(isAlive(one?.processes[0]?.pid ?? 0)).toBe(true);
    expect(await leftovers(other)).toEqual([]);
  } finally {
    await other.remove();
  }
});

test('a start that is broken off ends what it has begun', async () => {
  const cli = begin(clone().dir, ['--only', 'kafka,postgres,clickhouse']);
  await untilPrinted(cli, 'Postgres on port');
  cli.child.kill('SIGINT');
  expect((await cli.ended).code).toBe(0);
  expect(cli.printed()).toContain('stopping…');
  expect(cli.printed()).not.toContain('Ready after');
});
