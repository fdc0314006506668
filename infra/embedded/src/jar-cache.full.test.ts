import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { kafkaJars, pinsOf } from './artifacts.ts';
import { fetchArtifact } from './jar-cache.ts';

test('files that are not those pinned, even from an empty repository, are refused and not kept', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'switchboard-pinned-'));
  const cacheDir = join(dir, 'cache');
  const list = join(dir, 'other.sha256');
  const [slf4j] = pinsOf(kafkaJars()).files.filter(({ path }) => path === 'slf4j-api-1.7.36.jar');
  await writeFile(list, `${'0'.repeat(64)}  ${slf4j?.bytes}  slf4j-api-1.7.36.jar\n`);
  const lines: string[] = [];
  const fetching = fetchArtifact(
    {
      name: 'probe-1',
      title: 'Probe 1',
      kind: 'jars',
      coordinates: [{ groupId: 'org.slf4j', artifactId: 'slf4j-api', version: '1.7.36' }],
      list,
    },
    { cacheDir, progress: (line) => lines.push(line) },
  );
  await expect(fetching).rejects.toMatchObject({
    code: 'download_damaged',
    message: expect.stringMatching(
      /not what is pinned in other\.sha256: slf4j-api-1\.7\.36\.jar has SHA-256 \w+, not 0+\./,
    ),
  });
  expect(lines.filter((line) => line.includes('what Maven gave is not what is pinned'))).toHaveLength(2);
  expect(await readdir(cacheDir)).toEqual([]);
  await rm(dir, { recursive: true, force: true });
});
