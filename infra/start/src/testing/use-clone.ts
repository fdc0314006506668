import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect } from 'vitest';
import { type Cli, type Clone, finish, leftovers, makeClone, runCli, untilPrinted } from './run-cli.ts';

const READY = 'Ready after';

/** A clone of its own for each test of the file. What was started in it is ended afterwards, and leaves nothing behind. */
export function useClone() {
  let clone: Clone;
  let started: Cli[];

  beforeEach(async () => {
    clone = await makeClone();
    started = [];
  });

  afterEach(async () => {
    for (const { child } of started) child.kill('SIGTERM');
    for (const { ended } of started) await ended;
    expect(await leftovers(clone)).toEqual([]);
    await clone.remove();
  });

  const begin = (dir: string, args: string[], env: Record<string, string> = {}): Cli => {
    const cli = runCli(dir, 'main.ts', args, env);
    started.push(cli);
    return cli;
  };

  return {
    clone: () => clone,
    /** A start that is not waited for. */
    begin,
    async start(dir: string, args: string[], env: Record<string, string> = {}): Promise<Cli> {
      const cli = begin(dir, args, env);
      await untilPrinted(cli, READY);
      return cli;
    },
    command: (name: string, args: string[] = [], env: Record<string, string> = {}) =>
      finish(runCli(clone.dir, `commands/${name}.ts`, args, env)),
  };
}

export async function eventually<T>(probe: () => Promise<T | undefined>): Promise<T> {
  for (let i = 0; i < 400; i++) {
    const value = await probe();
    if (value !== undefined) return value;
    await sleep(50);
  }
  throw new Error('it did not come about');
}
