import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const module = fileURLToPath(new URL('./testing/hanging.ts', import.meta.url));

function run(...args: string[]): Promise<{ signal: string | null; printed: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [module, ...args], (error, stdout, stderr) =>
      resolve({ signal: error?.signal ?? null, printed: stdout + stderr }),
    );
  });
}

it('ends a process whose main thread never comes back, and says so', async () => {
  const { signal, printed } = await run('whole', '120000', '1000');
  expect(signal).toBe('SIGKILL');
  expect(printed).toContain('the main thread hangs');
});

it('lets one be that is busy and comes back, if only now and then', async () => {
  expect(await run('pieces', '3000', '1500')).toEqual({ signal: null, printed: 'done\n' });
  expect(await run('whole', '1000', '15000')).toEqual({ signal: null, printed: 'done\n' });
});
