import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkDataVersion, noteDataVersion } from './data-version.ts';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'switchboard-version-'));
});

afterEach(() => rm(dir, { recursive: true, force: true }));

test('an empty directory, or an older version of the engine, is welcome', async () => {
  await checkDataVersion('Kafka', dir, '4.3.1');
  await noteDataVersion(dir, '4.3.1');
  await checkDataVersion('Kafka', dir, '4.3.1');
  await checkDataVersion('Kafka', dir, '4.10.0');
  expect(await readdir(dir)).toEqual(['engine-version']);
});

test('what a newer version wrote is refused with both versions and what to do', async () => {
  await noteDataVersion(dir, '4.10.0');
  await expect(checkDataVersion('Kafka', dir, '4.3.1')).rejects.toMatchObject({
    code: 'data_of_other_version',
    message: expect.stringMatching(/was written by Kafka 4\.10\.0, and this is 4\.3\.1.*--reset/),
  });
});
