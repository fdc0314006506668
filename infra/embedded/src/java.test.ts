import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { requireJava } from './java.ts';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'switchboard-java-'));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(dir, { recursive: true, force: true });
});

async function javaThatSays(line: string): Promise<void> {
  await writeFile(join(dir, 'java'), `#!/bin/sh\necho '${line}' >&2\n`);
  await chmod(join(dir, 'java'), 0o755);
  vi.stubEnv('PATH', [dir, process.env.PATH].join(delimiter));
}

test('one that is new enough gives its version', async () => {
  await javaThatSays('openjdk version "21.0.4" 2024-07-16');
  expect(await requireJava()).toBe('21.0.4');
});

test('one that is too old is refused with its version', async () => {
  await javaThatSays('java version "1.8.0_292"');
  await expect(requireJava()).rejects.toThrow('need Java 17 or newer; the java on the PATH is 8');
});

test('without any, the error says what to install', async () => {
  vi.stubEnv('PATH', dir);
  await expect(requireJava()).rejects.toThrow('no java is on the PATH. Install a JRE 17+');
});
