import { chmod, cp, mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchArtifact, kafkaJars } from '@switchboard/embedded';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makePath } from './testing/run-cli.ts';
import { mountSmallDisk, type SmallDisk } from './testing/small-disk.ts';
import { useClone } from './testing/use-clone.ts';

const { clone, begin, start } = useClone();

let home: string;
let cache: string;
let disk: SmallDisk | undefined;

beforeEach(() => {
  home = join(clone().dir, 'home');
  cache = join(home, '.cache', 'switchboard');
});
afterEach(async () => {
  disk?.unmount();
  await chmod(cache, 0o700);
});

/** The cache on a disk of so many MiB; where this user may not mount, an ordinary directory. */
async function mountCache(mib: number): Promise<void> {
  disk = await mountSmallDisk(cache, mib);
  if (!disk) console.log('THIS USER MAY NOT MOUNT: the disk of the cache is stood in for');
}

async function makeReadOnly(): Promise<void> {
  if (disk) disk.makeReadOnly();
  else await chmod(cache, 0o500);
}

test('a cache whose disk gets full while Maven fetches is told, and the half is removed', async () => {
  await mountCache(8);
  const full = `case "$1" in -v) echo 'Apache Maven 3.9.9';; *) echo '[ERROR] No space left on device'; exit 1;; esac`;
  // Without a mount: a Maven that says what it would say.
  const env: Record<string, string> = disk ? {} : { PATH: await makePath(clone(), { mvn: full }) };
  const cli = begin(clone().dir, ['--only', 'kafka'], { ...env, HOME: home });
  expect((await cli.ended).code).toBe(17);
  expect(cli.printed()).toMatch(
    /The disk of .*\.cache\/switchboard.* is full\. Make room there, then start again\./,
  );
  expect(await readdir(cache)).toEqual([]);
});

test('a cache that can only be read, and is empty, is told', async () => {
  await mountCache(8);
  await makeReadOnly();
  const cli = begin(clone().dir, ['--only', 'kafka'], { HOME: home });
  expect((await cli.ended).code).toBe(18);
  expect(cli.printed()).toMatch(
    /Nothing can be written to .*\.cache\/switchboard: the disk is mounted read-only/,
  );
  expect(await readdir(cache)).toEqual([]);
});

test.each(['full', 'read-only'])('a cache that has all starts from a disk that is %s', async (how) => {
  const { name } = kafkaJars();
  const cached = await fetchArtifact(kafkaJars());
  await mountCache(64);
  await mkdir(cache, { recursive: true });
  await cp(cached, join(cache, name), { recursive: true });
  if (how === 'full' && disk) await fill(join(cache, 'ballast'));
  else await makeReadOnly();
  const cli = await start(clone().dir, ['--only', 'kafka'], { HOME: home });
  cli.child.kill('SIGINT');
  expect((await cli.ended).code).toBe(0);
  expect(cli.printed()).not.toContain('fetching');
  // The archive of classes, which it has no room for, is not left half made.
  expect((await readdir(cache)).filter((file) => file.includes('.jsa'))).toEqual([]);
});

/** Writes until nothing more goes in. */
async function fill(file: string): Promise<void> {
  const ballast = await open(file, 'w');
  try {
    for (;;) await ballast.appendFile(Buffer.alloc(4_096));
  } catch (error) {
    if (!String(error).includes('ENOSPC')) throw error;
  } finally {
    await ballast.close();
  }
}
