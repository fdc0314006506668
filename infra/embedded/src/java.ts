import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { StartError } from './start-error.ts';

const run = promisify(execFile);
const NEEDED = 17;

/**
 * Checks that `java` is there and new enough for Kafka 4 and Apicurio Registry 3.
 *
 * @returns its version, e.g. `17.0.15`.
 * @throws StartError `java_unusable`, which says what to install.
 */
export async function requireJava(): Promise<string> {
  const version = await javaVersion();
  if (version === undefined) {
    throw new StartError(
      'java_unusable',
      `Kafka and the schema registry need Java ${NEEDED} or newer, and no java is on the PATH. Install a JRE ${NEEDED}+.`,
    );
  }
  // Up to Java 8 the version read 1.8.
  const [major, minor] = version.split('.');
  const found = Number(major === '1' ? minor : major);
  if (found < NEEDED) {
    throw new StartError(
      'java_unusable',
      `Kafka and the schema registry need Java ${NEEDED} or newer; the java on the PATH is ${found}. Install a JRE ${NEEDED}+ and put it first on the PATH.`,
    );
  }
  return version;
}

async function javaVersion(): Promise<string | undefined> {
  try {
    const { stderr } = await run('java', ['-version']);
    return /version "([\d.]+)/.exec(stderr)?.[1];
  } catch {
    return undefined;
  }
}
