import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { kafkaJars, pinsOf } from './artifacts.ts';
import { fetchArtifact } from './jar-cache.ts';
import { findDamage } from './pinned-files.ts';

const artifact = kafkaJars();
const { files } = pinsOf(artifact);

let cacheDir: string;
let lines: string[];

beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'switchboard-cache-'));
  lines = [];
  // Its engines' start has put it there, or this does.
  const cached = await fetchArtifact(artifact);
  expect(cached).toBe(join(homedir(), '.cache', 'switchboard', artifact.name));
  await cp(cached, join(cacheDir, artifact.name), { recursive: true });
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(cacheDir, { recursive: true, force: true });
});

const fetch = () => fetchArtifact(artifact, { cacheDir, progress: (line) => lines.push(line) });

test('what is cached and whole needs neither Maven nor a network', async () => {
  vi.stubEnv('PATH', '');
  expect(await fetch()).toBe(join(cacheDir, artifact.name));
  expect(lines).toEqual([]);
});

test('a damaged jar is met before use and fetched again, once, whoever asks meanwhile', async () => {
  const jar = join(cacheDir, artifact.name, files[3]?.path ?? '');
  const bytes = await readFile(jar);
  bytes[100] = (bytes[100] ?? 0) ^ 1;
  await writeFile(jar, bytes);
  // What a start that was killed left half fetched, and classes of the jars that go.
  await writeFile(join(cacheDir, `.${artifact.name}-abcdef`), '');
  await writeFile(join(cacheDir, `${artifact.name}-1-java-17.jsa`), '');

  const [one, other] = await Promise.all([fetch(), fetch()]);

  expect(other).toBe(one);
  expect(await findDamage(one, files)).toBeUndefined();
  expect(
    lines.filter((line) => line.includes(`the cache is damaged (${files[3]?.path} has SHA-256`)),
  ).toHaveLength(1);
  expect(lines.filter((line) => line.includes('fetching by Maven, once'))).toHaveLength(1);
  expect(
    lines.filter((line) => line.includes(`process ${process.pid} is fetching it; waiting`)),
  ).toHaveLength(1);
  expect(await readdir(cacheDir)).toEqual([artifact.name]);
});

test('a fetch that is broken off leaves the cache as it was', async () => {
  await rm(join(cacheDir, artifact.name, files[0]?.path ?? ''));
  const before = await readdir(join(cacheDir, artifact.name));
  const stopped = new AbortController();
  const fetching = fetchArtifact(artifact, {
    cacheDir,
    signal: stopped.signal,
    progress: (line) =>
      line.includes('fetching by Maven') && setTimeout(() => stopped.abort(new Error('stopped')), 200),
  });
  await expect(fetching).rejects.toThrow('stopped');
  expect(await readdir(cacheDir)).toEqual([artifact.name]);
  expect(await readdir(join(cacheDir, artifact.name))).toEqual(before);
});
