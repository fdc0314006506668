import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { warnOfLeftRecordings } from './left-recordings.ts';
import { startProcesses } from './start-processes.ts';

let dir: string;
let own: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'switchboard-left-'));
  own = join(dir, 'recordings');
  await mkdir(join(own, 'clinic', '2026'), { recursive: true });
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const said = async (url: string | undefined) => {
  const lines: string[] = [];
  await warnOfLeftRecordings(dir, url, (line) => lines.push(line));
  return lines;
};

test('recordings that lie elsewhere than RECORDINGS_URL says are named, and those that are found are not', async () => {
  expect(await said('s3://bucket/prefix')).toEqual([]);
  await writeFile(join(own, 'clinic', '2026', 'one'), 'sound');
  for (const url of [undefined, '', own, `${own}/`, pathToFileURL(own).href])
    expect(await said(url)).toEqual([]);
  for (const url of ['s3://bucket/prefix?region=x', join(dir, 'elsewhere'), 'file:///elsewhere'])
    expect(await said(url)).toEqual([expect.stringContaining(`${own} holds recordings and media`)]);
});

test('a start says so before it begins anything', async () => {
  await writeFile(join(own, 'one'), 'sound');
  const ended = new AbortController();
  const warned: string[] = [];
  const starting = startProcesses({
    dir,
    only: ['postgres'],
    inherited: { RECORDINGS_URL: 's3://bucket' },
    signal: ended.signal,
    warn(line) {
      warned.push(line);
      ended.abort();
    },
  });
  await expect(starting).rejects.toThrow();
  expect(warned).toEqual([expect.stringContaining(own)]);
});
