import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export type Progress = (line: string) => void;

export interface Coordinates {
  groupId: string;
  artifactId: string;
  version: string;
}

// Newer ones refuse an artifact whose parent POM is not on Maven Central, as the registry's is not.
const PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:2.8';
const FETCH_TIMEOUT_MS = 10 * 60_000;

const run = promisify(execFile);

/** Where fetched jars are kept, shared by all clones of one user. */
function defaultCacheDir(): string {
  return join(homedir(), '.cache', 'switchboard');
}

/**
 * A directory with the jars of these artifacts and all they depend on, fetched by Maven the first time.
 *
 * @param name names the directory and must change when `artifacts` does.
 * @throws Error when Maven is missing or fails.
 */
export function fetchJars(
  name: string,
  artifacts: Coordinates[],
  options: { cacheDir?: string; progress?: Progress } = {},
): Promise<string> {
  return cached(name, options, async (dir) => {
    const pom = join(dir, 'pom.xml');
    await writeFile(pom, pomFor(artifacts));
    await maven([
      '-f',
      pom,
      `${PLUGIN}:copy-dependencies`,
      '-DincludeScope=runtime',
      `-DoutputDirectory=${dir}`,
    ]);
  });
}

/** A directory with the unpacked content of one `tar.gz` artifact (classifier `all`), fetched the first time. */
export function fetchArchive(
  name: string,
  artifact: Coordinates,
  options: { cacheDir?: string; progress?: Progress } = {},
): Promise<string> {
  return cached(name, options, async (dir) => {
    const coordinates = `${artifact.groupId}:${artifact.artifactId}:${artifact.version}:tar.gz:all`;
    await maven([`${PLUGIN}:copy`, `-Dartifact=${coordinates}`, `-DoutputDirectory=${dir}`]);
    const archive = (await readdir(dir)).find((file) => file.endsWith('.tar.gz'));
    if (archive === undefined) throw new Error(`Maven fetched nothing for ${coordinates}`);
    await run('tar', ['-xzf', join(dir, archive), '-C', dir]);
    await rm(join(dir, archive));
  });
}

async function cached(
  name: string,
  { cacheDir = defaultCacheDir(), progress = () => undefined }: { cacheDir?: string; progress?: Progress },
  fill: (dir: string) => Promise<void>,
): Promise<string> {
  const target = join(cacheDir, name);
  if (existsSync(target)) return target;
  await mkdir(cacheDir, { recursive: true });
  const work = await mkdtemp(join(cacheDir, `.${name}-`));
  try {
    progress(`fetching ${name} by Maven (once)`);
    const started = Date.now();
    await fill(work);
    await rename(work, target);
    progress(`fetched ${name} in ${((Date.now() - started) / 1000).toFixed(1)} s`);
  } catch (error) {
    await rm(work, { recursive: true, force: true });
    // Another process may have put it there meanwhile.
    if (!existsSync(target)) throw error;
  }
  return target;
}

async function maven(args: string[]): Promise<void> {
  try {
    await run('mvn', ['-B', '-q', ...args], { timeout: FETCH_TIMEOUT_MS, maxBuffer: 16 * 1024 * 1024 });
  } catch (error) {
    throw new Error(explain(error), { cause: error });
  }
}

function explain(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
    return 'Kafka and the schema registry are fetched by Maven, and no mvn is on the PATH. Install Maven 3.6 or newer.';
  }
  const output = error instanceof Error && 'stdout' in error ? String(error.stdout) : '';
  return `Maven could not fetch it:\n${output.trim().split('\n').slice(0, 8).join('\n')}`;
}

function pomFor(artifacts: Coordinates[]): string {
  const dependencies = artifacts.map(
    ({ groupId, artifactId, version }) =>
      `<dependency><groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId><version>${version}</version></dependency>`,
  );
  return [
    '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>',
    '<groupId>switchboard</groupId><artifactId>jars</artifactId><version>1</version><packaging>pom</packaging>',
    `<dependencies>${dependencies.join('')}</dependencies></project>`,
  ].join('\n');
}
