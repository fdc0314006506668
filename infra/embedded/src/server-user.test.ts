import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { runAs } from './server-user.ts';

const run = promisify(execFile);

test('a server user finds programs and files below a closed directory, as in a clone below /root', async () => {
  // As `mktemp -d` makes it: for its owner alone.
  const closed = await mkdtemp(join(tmpdir(), 'switchboard-closed-'));
  try {
    const file = join(closed, 'postgres');
    await writeFile(file, '', { mode: 0o755 });
    const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534, shutOut: true } : undefined;
    const look = `require('node:fs').accessSync(${JSON.stringify(file)}, 5); process.stdout.write(String(process.getuid()))`;
    const { command, args, ...own } = runAs(user, process.execPath, ['-e', look]);
    const { stdout } = await run(command, args, { ...own, cwd: '/' });
    expect(Number(stdout)).toBe(user?.uid ?? process.getuid?.());
  } finally {
    await rm(closed, { recursive: true, force: true });
  }
});
