import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readRunning } from './running-file.ts';
import { type Cli, makePath, runProgram, untilPrinted } from './testing/run-cli.ts';
import { useClone } from './testing/use-clone.ts';

const { clone, begin, start } = useClone();

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
/** A network of its own, in which there is nothing but the loopback. */
const ALONE = ['--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'];

test('once all is fetched, everything starts without a network', async () => {
  const first = await start(clone().dir, []);
  first.child.kill('SIGINT');
  expect((await first.ended).code).toBe(0);

  const offline = await startOffline();
  try {
    await untilPrinted(offline, 'Ready after');
    expect(offline.printed()).not.toMatch(/fetching|downloaded/);
    expect((await readRunning(clone().data))?.processes).toHaveLength(10);
  } finally {
    offline.child.kill('SIGINT');
    expect((await offline.ended).code).toBe(0);
  }
});

async function startOffline(): Promise<Cli> {
  if (!mayUnshare()) {
    console.log('THIS USER MAY NOT TAKE THE NETWORK AWAY: only Maven has none');
    const PATH = await makePath(clone(), { mvn: 'echo "nothing is to be fetched"; exit 1' });
    return begin(clone().dir, [], { PATH });
  }
  const cli = runProgram('unshare', [...ALONE, process.execPath, MAIN], { cwd: clone().dir });
  await untilPrinted(cli, ' on port');
  const interfaces = (await readFile(`/proc/${cli.child.pid}/net/dev`, 'utf8')).match(/^ *\w+(?=:)/gm);
  expect(interfaces?.map((name) => name.trim())).toEqual(['lo']);
  return cli;
}

function mayUnshare(): boolean {
  try {
    execFileSync('unshare', [...ALONE, 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
