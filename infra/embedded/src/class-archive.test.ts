import { existsSync, writeFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { classArchive } from './class-archive.ts';

let dir: string;
let path: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'switchboard-jsa-'));
  path = join(dir, 'program-1-java-17');
});

afterEach(() => rm(dir, { recursive: true, force: true }));

/** What the JVM does at its end: the file that the arguments name. */
function dump(args: string[]): void {
  const option = args.find((arg) => arg.startsWith('-XX:ArchiveClassesAtExit=')) ?? '';
  writeFileSync(option.slice(option.indexOf('=') + 1), 'classes');
}

test('the first run makes it, the next one uses it', async () => {
  const first = classArchive(path);
  dump(first.args);
  first.onExit({ code: 143, signal: null });
  expect(classArchive(path).args).toEqual([`-XX:SharedArchiveFile=${path}.jsa`]);
});

test('a run that was killed leaves none', async () => {
  const first = classArchive(path);
  dump(first.args);
  first.onExit({ code: null, signal: 'SIGKILL' });
  expect(existsSync(`${path}.jsa`)).toBe(false);
  expect(await readdir(dir)).toEqual([]);
});

test('what a start that is gone left half made is removed', async () => {
  writeFileSync(`${path}.jsa.${2 ** 22 + 1}`, 'half');
  writeFileSync(`${path}.jsa.${process.ppid}`, 'being made');
  classArchive(path);
  expect(await readdir(dir)).toEqual([`program-1-java-17.jsa.${process.ppid}`]);
});
