import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '@switchboard/embedded';

/** A server that speaks S3's protocol, with one bucket. */
export interface S3Server {
  endpoint: string;
  bucket: string;
  stop(): Promise<void>;
}

const artifact = 'com.adobe.testing:s3mock:4.12.4:jar:exec';
const jar = 's3mock-4.12.4-exec.jar';
const startMs = 120_000;

/** Starts Adobe's S3Mock on a free port, fetched by Maven the first time (60 MB). */
export async function startS3Server(): Promise<S3Server> {
  const cache = join(homedir(), '.cache', 'switchboard', 's3mock');
  await mkdir(cache, { recursive: true });
  await promisify(execFile)('mvn', [
    '-B',
    '-q',
    'org.apache.maven.plugins:maven-dependency-plugin:2.8:copy',
    `-Dartifact=${artifact}`,
    `-DoutputDirectory=${cache}`,
  ]);
  const [http, https] = [await freePort(), await freePort()];
  const bucket = 'recordings';
  const data = await mkdtemp(join(tmpdir(), 'switchboard-s3-'));
  const child = spawn(
    'java',
    [
      '-Xmx256m',
      '-jar',
      join(cache, jar),
      `--com.adobe.testing.s3mock.http-port=${http}`,
      `--server.port=${https}`,
    ],
    {
      env: {
        PATH: process.env.PATH,
        COM_ADOBE_TESTING_S3MOCK_STORE_INITIAL_BUCKETS: bucket,
        COM_ADOBE_TESTING_S3MOCK_STORE_ROOT: data,
      },
      stdio: 'ignore',
    },
  );
  const exited = once(child, 'exit');
  const endpoint = `http://127.0.0.1:${http}`;
  const deadline = Date.now() + startMs;
  while (!(await hasBucket(`${endpoint}/${bucket}`))) {
    if (Date.now() > deadline || child.exitCode !== null) throw new Error('the S3 server did not start');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return {
    endpoint,
    bucket,
    async stop() {
      child.kill('SIGKILL');
      await exited;
      await rm(data, { recursive: true, force: true });
    },
  };
}

async function hasBucket(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}
