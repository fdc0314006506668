import { execFile, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startGuard } from './guard.ts';
import { explainDisk, NO_SPACE, StartError } from './start-error.ts';

export interface Coordinates {
  groupId: string;
  artifactId: string;
  version: string;
}

export interface MavenOptions {
  /** Where Maven keeps what it has downloaded; its own place unless told. */
  repository?: string;
  /** Gets all that Maven prints. */
  heard?: (text: string) => void;
  signal?: AbortSignal;
}

// Newer ones refuse an artifact whose parent POM is not on Maven Central, as the registry's is not.
const PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:2.8';
const FETCH_TIMEOUT_MS = 20 * 60_000;
const NEEDED = [3, 6] as const;
const AWAY =
  /could not transfer|connection refused|connect timed out|connect to .* failed|unknown ?host|name or service not known|temporary failure|network is unreachable|cannot access .* in offline mode/i;

const run = promisify(execFile);

/**
 * Checks that `mvn` is there and new enough.
 *
 * @throws StartError `maven_unusable`, which says what to install.
 */
export async function requireMaven(): Promise<void> {
  const what = 'Kafka and the schema registry are fetched by Maven the first time';
  const install = `Install Maven ${NEEDED.join('.')} or newer.`;
  let printed: string;
  try {
    printed = (await run('mvn', ['-v'])).stdout;
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const why = missing ? 'no mvn is on the PATH' : 'the mvn on the PATH does not run (try mvn -v)';
    throw new StartError('maven_unusable', `${what}, and ${why}. ${install}`, { cause: error });
  }
  const [, version = 'unknown'] = /Apache Maven (\d[\w.-]*)/.exec(printed) ?? [];
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])) return;
  throw new StartError('maven_unusable', `${what}, and the mvn on the PATH is ${version}. ${install}`);
}

/** Copies these artifacts' jars, and those of all they depend on, into a directory. */
export async function copyJars(artifacts: Coordinates[], dir: string, options: MavenOptions): Promise<void> {
  const pom = join(dir, 'pom.xml');
  await writeFile(pom, pomFor(artifacts));
  const goal = [`${PLUGIN}:copy-dependencies`, '-DincludeScope=runtime', `-DoutputDirectory=${dir}`];
  await maven(['-f', pom, ...goal], dir, options);
}

/** Copies one `tar.gz` artifact (classifier `all`) into a directory. */
export async function copyArchive(artifact: Coordinates, dir: string, options: MavenOptions): Promise<void> {
  const coordinates = `${artifact.groupId}:${artifact.artifactId}:${artifact.version}:tar.gz:all`;
  await maven([`${PLUGIN}:copy`, `-Dartifact=${coordinates}`, `-DoutputDirectory=${dir}`], dir, options);
}

async function maven(
  args: string[],
  dir: string,
  { repository, heard, signal }: MavenOptions,
): Promise<void> {
  signal?.throwIfAborted();
  // Not in batch mode, in which it does not count the bytes of a file on its way; and an earlier failure is no answer.
  const given = ['-U', '-Dstyle.color=never', ...(repository ? [`-Dmaven.repo.local=${repository}`] : [])];
  const guard = startGuard();
  const child = spawn('mvn', [...given, ...args], { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  if (child.pid !== undefined) guard.watch(child.pid);
  let complaints = '';
  const hear = (chunk: Buffer) => {
    const text = chunk.toString('utf8');
    heard?.(text);
    complaints = (complaints + text.replace(/[^\r\n]*\r/g, '')).slice(-64 * 1024);
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const kill = () => child.kill('SIGTERM');
  signal?.addEventListener('abort', kill);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    kill();
  }, FETCH_TIMEOUT_MS);
  try {
    const code = await ended;
    signal?.throwIfAborted();
    if (code !== 0) throw failure(complaints, dir, late);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', kill);
    guard.dismiss();
  }
}

function failure(output: string, dir: string, late: boolean): unknown {
  const [said = ''] = output.split('\n').filter((line) => line.includes('[ERROR]'));
  const reason = said.replace(/^.*?\[ERROR\]\s*/, '').replace(/\s*->\s*\[Help 1\].*$/, '');
  if (NO_SPACE.test(output))
    return explainDisk(new Error(output), `Maven's repository (~/.m2), or of ${dir},`);
  const away = late || AWAY.test(output);
  const advice = away
    ? "Maven can't reach its repository. Connect to the network, or name the proxy or mirror in ~/.m2/settings.xml; once fetched, no network is needed."
    : 'Maven could not fetch Kafka or the schema registry. Mend what it says, then start again.';
  const last = late ? `nothing within ${FETCH_TIMEOUT_MS / 60_000} minutes` : reason.slice(0, 600);
  return new StartError('download_failed', `${advice}\nMaven said: ${last}`);
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
