import { isAlive } from '@switchboard/embedded';
import { expect, test } from 'vitest';
import { memoryOfStart } from './memory-of-start.ts';
import { readRunning } from './running-file.ts';
import { finish, runCli } from './testing/run-cli.ts';
import { eventually, useClone } from './testing/use-clone.ts';

const { clone, start, command } = useClone();

test('while one runs, a second start is refused with who it is; status tells, and stop ends it', async () => {
  expect(await command('status')).toMatchObject({
    code: 3,
    printed: expect.stringContaining('does not run here'),
  });
  const cli = await start(clone().dir, ['--only', 'postgres']);
  const second = await finish(runCli(clone().dir, 'main.ts', ['--only', 'postgres']));
  expect(second.printed).toContain(`Switchboard runs already here (process ${cli.child.pid}, in `);
  expect(second.printed).toContain('npm run stop');
  expect(second.code).toBe(10);

  const running = await readRunning(clone().data);
  const [postgres] = running?.processes ?? [];
  expect(postgres).toMatchObject({ name: 'postgres', state: 'runs', restarts: 0 });
  const status = await command('status');
  expect(status.printed).toMatch(
    new RegExp(`postgres +${postgres?.pid} +${postgres?.port} +listens +\\d+ MiB +0\n`),
  );
  expect(status.printed).toMatch(/Ready, since \d+ s; \d+ MiB in all/);
  expect(status.code).toBe(0);

  const stop = await command('stop');
  expect(stop).toMatchObject({ code: 0, printed: expect.stringContaining('stopped; the data is kept') });
  expect((await cli.ended).code).toBe(0);
  expect(isAlive(postgres?.pid ?? 0)).toBe(false);
  expect(await command('stop')).toMatchObject({
    code: 0,
    printed: expect.stringContaining('does not run here'),
  });
});

test('a killed engine is started again, and status, memory and logs know it', async () => {
  await start(clone().dir, ['--only', 'postgres']);
  const before = await readRunning(clone().data);
  const pid = before?.processes[0]?.pid ?? 0;
  process.kill(pid, 'SIGKILL');
  const after = await eventually(async () => {
    const running = await readRunning(clone().data);
    return running?.processes[0]?.restarts === 1 && running.processes[0].state === 'runs'
      ? running
      : undefined;
  });
  expect(after.processes[0]?.pid).not.toBe(pid);
  const { total = 0, byName } = memoryOfStart(after);
  expect([...byName.keys()]).toEqual(['postgres', 'start']);
  expect([...byName.values()].reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0)).toBe(total);
  const logs = await command('logs', ['postgres', '-n', '500']);
  expect(logs.printed).toContain('database system was not properly shut down');
  expect(logs.code).toBe(0);
});

test('ClickHouse is asked by a line of shell', async () => {
  await start(clone().dir, ['--only', 'clickhouse']);
  expect(await command('clickhouse', ['SELECT 6 * 7 AS answer'])).toEqual({
    code: 0,
    printed: 'answer\n42\n',
  });
  expect(await command('clickhouse', ['SELECT 1 AS a', '--format', 'JSONEachRow'])).toMatchObject({
    printed: '{"a":1}\n',
  });
  const wrong = await command('clickhouse', ['SELEC']);
  expect(wrong.printed).toContain('Syntax error');
  expect(wrong.code).toBe(1);
});
