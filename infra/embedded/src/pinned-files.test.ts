import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { kafkaJars, pinsOf, registryArchive } from './artifacts.ts';
import { findDamage, type PinnedFile, pinFiles } from './pinned-files.ts';

let dir: string;
let pins: PinnedFile[];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'switchboard-pins-'));
  await mkdir(join(dir, 'lib'));
  await writeFile(join(dir, 'a.jar'), 'first');
  await writeFile(join(dir, 'lib', 'b.jar'), 'second');
  pins = await pinFiles(dir);
});

afterEach(() => rm(dir, { recursive: true, force: true }));

test('files as they were pinned are whole', async () => {
  expect(pins.map(({ path, bytes }) => [path, bytes])).toEqual([
    ['a.jar', 5],
    ['lib/b.jar', 6],
  ]);
  expect(await findDamage(dir, pins)).toBeUndefined();
});

test('another byte, another length, or no file is damage', async () => {
  await writeFile(join(dir, 'a.jar'), 'furst');
  expect(await findDamage(dir, pins)).toMatch(/^a\.jar has SHA-256 [0-9a-f]{64}, not [0-9a-f]{64}$/);
  await writeFile(join(dir, 'a.jar'), 'fir');
  expect(await findDamage(dir, pins)).toBe('a.jar has 3 bytes, not 5');
  await rm(join(dir, 'a.jar'));
  expect(await findDamage(dir, pins)).toBe('a.jar is missing');
});

test('every artifact has pins for what is downloaded and for what is used', () => {
  for (const artifact of [kafkaJars(), registryArchive()]) {
    const { downloads, files } = pinsOf(artifact);
    expect(downloads.length).toBeGreaterThan(0);
    for (const { sha256, bytes, path } of [...downloads, ...files]) {
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(bytes).toBeGreaterThan(0);
      expect(path).toMatch(/^[\w./-]+$/);
    }
  }
});
