import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { requireJava } from './java.ts';
import { requireMaven } from './maven.ts';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'switchboard-java-'));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(dir, { recursive: true, force: true });
});

async function javaThatSays(line: string): Promise<void> {
  await programThat('java', `echo '${line}' >&2`);
}

async function programThat(name: string, script: string): Promise<void> {
  await writeFile(join(dir, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(dir, name), 0o755);
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

test.each([
  'Apache Maven 3.6.3',
  'Apache Maven 3.9.11 (3e54c93a704957b63ee3494413a2b544fd3d825b)',
  'Apache Maven 4.0.0-rc-4',
])('%s is new enough', async (line) => {
  await programThat('mvn', `echo '${line}'`);
  await requireMaven();
});

test('a Maven that is too old is refused with its version', async () => {
  await programThat('mvn', `echo 'Apache Maven 3.5.4'`);
  await expect(requireMaven()).rejects.toMatchObject({
    code: 'maven_unusable',
    message: expect.stringContaining('the mvn on the PATH is 3.5.4. Install Maven 3.6 or newer.'),
  });
});

test('without Maven, or with one that does not run, the error says what to install', async () => {
  await programThat('mvn', 'echo "JAVA_HOME is not defined" >&2; exit 1');
  await expect(requireMaven()).rejects.toThrow('does not run (try mvn -v). Install Maven 3.6 or newer.');
  await rm(join(dir, 'mvn'));
  vi.stubEnv('PATH', dir);
  await expect(requireMaven()).rejects.toThrow('no mvn is on the PATH. Install Maven 3.6 or newer.');
});
