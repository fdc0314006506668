import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePort } from '@switchboard/embedded';

/** The service, as a process of its own. */
export interface JobsProcess {
  url: string;
  pid: number;
  /** What it said, line by line. */
  log: string[];
  /** Sends a signal, and waits for its end. @returns the exit code; null: killed */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
}

/** Kafka is away: nothing here may wait for it. */
const unused = {
  KAFKA_BROKERS: '127.0.0.1:9',
  SCHEMA_REGISTRY_URL: 'http://127.0.0.1:9',
  PSEUDONYM_KEY: randomBytes(32).toString('base64'),
};

/** Starts it and waits until it is ready. */
export async function startJobs(env: Record<string, string>): Promise<JobsProcess> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const main = fileURLToPath(new URL('../main.ts', import.meta.url));
  const child: ChildProcess = spawn(process.execPath, [main], {
    env: { PATH: process.env.PATH, PORT: String(port), SWITCHBOARD_PARENT: 'pipe', ...unused, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const log: string[] = [];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => log.push(text));
  const exited = once(child, 'exit');
  const deadline = Date.now() + 120_000;
  while (!(await isReady(url))) {
    if (Date.now() > deadline || child.exitCode !== null)
      throw new Error(`jobs did not start: ${log.join('')}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    url,
    pid: child.pid ?? 0,
    log,
    async end(signal) {
      child.kill(signal);
      await exited;
      return child.exitCode;
    },
  };
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`)).ok;
  } catch {
    return false;
  }
}
