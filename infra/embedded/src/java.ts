import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const NEEDED = 17;

/**
 * Checks that `java` is there and new enough for Kafka 4 and Apicurio Registry 3.
 *
 * @throws Error that says what to install.
 */
export async function requireJava(): Promise<void> {
  const found = await javaVersion();
  if (found === undefined) {
    throw new Error(
      `Kafka and the schema registry need Java ${NEEDED} or newer, and no java is on the PATH. Install a JRE ${NEEDED}+.`,
    );
  }
  if (found < NEEDED) {
    throw new Error(
      `Kafka and the schema registry need Java ${NEEDED} or newer; the java on the PATH is ${found}.`,
    );
  }
}

async function javaVersion(): Promise<number | undefined> {
  try {
    const { stderr } = await run('java', ['-version']);
    const version = /version "(\d+)(?:\.(\d+))?/.exec(stderr);
    if (!version) return undefined;
    // Up to Java 8 the version read 1.8.
    return Number(version[1] === '1' ? version[2] : version[1]);
  } catch {
    return undefined;
  }
}
