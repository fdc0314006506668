import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const example = fileURLToPath(new URL('./testing/example-service.ts', import.meta.url));

interface Run {
  code: number | null;
  /** What the service said itself. */
  said: string[];
  /** Messages of its log. */
  logged: string[];
  output: string;
}

/** Runs the example as a process and, when it is ready, does something to it. */
async function run(
  env: Record<string, string>,
  whenReady: (child: ReturnType<typeof start>) => void = () => {},
  args: string[] = [],
): Promise<Run> {
  const child = start(env, args);
  child.stdout.on('data', (chunk: Buffer) => {
    if (chunk.includes('"msg":"ready"')) whenReady(child);
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  const lines = stdout.split('\n').filter(Boolean);
  const logged = lines.filter((line) => line.startsWith('{"')).map((line) => JSON.parse(line).msg);
  return { code, said: lines.filter((line) => /^[+-]/.test(line)), logged, output: stdout + stderr };
}

function start(env: Record<string, string>, args: string[]) {
  return spawn(process.execPath, [example, ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

const orderly = ['+first', '+second', '-second', '-first'];

describe('runService', { timeout: 60_000 }, () => {
  it('stops its parts in reverse and ends with 0 when it is told to', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const { code, said, logged } = await run({ TOKEN: 'x' }, (child) => child.kill(signal));
      expect({ code, said, logged }).toEqual({
        code: 0,
        said: orderly,
        logged: ['ready', 'stopping', 'stopped'],
      });
    }
  });

  it('ends when the pipe to its parent closes, if it was told to mind it', async () => {
    const { code, said } = await run({ TOKEN: 'x', SWITCHBOARD_PARENT: 'pipe' }, (child) =>
      child.stdin.end(),
    );
    expect({ code, said }).toEqual({ code: 0, said: orderly });
  });

  it('stops what stands and ends with 1 after a fatal error, whose text it keeps to itself', async () => {
    for (const FAULT of ['later', 'unhandled']) {
      const { code, said, output } = await run({ TOKEN: 'x', FAULT });
      expect({ code, said }).toEqual({ code: 1, said: orderly });
      expect(output).not.toContain('hunter2');
    }
  });

  it('rolls back a start that failed and ends with 1', async () => {
    const { code, said, logged, output } = await run({ TOKEN: 'x', FAULT: 'start' });
    expect({ code, said }).toEqual({ code: 1, said: ['+first', '-first'] });
    expect(logged).toContain('part did not start');
    expect(output).not.toContain('hunter2');
  });

  it('ends with 78 and the names of what is wrong in its settings', async () => {
    const { code, output } = await run({ FAULT: 'hunter2' });
    expect(code).toBe(78);
    expect(output).toMatch(/FAULT: .*"none"/);
    expect(output).toContain('TOKEN: must be set');
    expect(output).not.toContain('hunter2');
  });

  it('prints its settings with secrets masked and starts nothing', async () => {
    const { code, said, output } = await run({ TOKEN: 'hunter2' }, undefined, ['--print-config']);
    expect({ code, said }).toEqual({ code: 0, said: [] });
    expect(JSON.parse(output)).toMatchObject({ TOKEN: '***', FAULT: 'none', LOG_LEVEL: 'info' });
  });
});
