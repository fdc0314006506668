import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeWav } from '@switchboard/media/testing/write-wav';
import { createPool, type Pool } from '@switchboard/postgres';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { type FileServer, startFileServer } from '@switchboard/testkit/file-server';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { type MediaClinic, type MediaStand, makeMediaStand } from '../testing/media-clinic.ts';
import { type JobsProcess, startJobs } from '../testing/process.ts';

const sound = writeWav([Float32Array.from({ length: 200_000 }, () => 0.1)], {
  encoding: 's16',
  sampleRate: 8_000,
});

let database: TestDatabase;
let sink: Pool;
let stand: MediaStand;
let clinic: MediaClinic;
let server: FileServer;
let root: string;
let running: JobsProcess | undefined;

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  sink = createPool({ url: database.urlAs('switchboard_sink'), applicationName: 'test', max: 2 });
  stand = await makeMediaStand(database, sink);
  clinic = await stand.addClinic(['127.0.0.1']);
  server = await startFileServer();
  root = await mkdtemp(join(tmpdir(), 'switchboard-crash-'));
});
afterAll(async () => {
  await running?.end('SIGKILL');
  await server.close();
  await stand.remove();
  await rm(root, { recursive: true, force: true });
  await sink.end();
  await database.drop();
});

const until = <T>(seen: () => Promise<T>) => expect.poll(seen, { timeout: 60_000, interval: 50 });

async function start(): Promise<JobsProcess> {
  running = await startJobs({
    DATABASE_URL: database.urlAs('switchboard_sink'),
    SECRETS_KEY: randomBytes(32).toString('base64'),
    RECORDINGS_URL: root,
    MEDIA_ALLOW_HTTP: 'true',
    MEDIA_ALLOW_PRIVATE: 'true',
    JOBS_MEDIA_TIDY_MS: '200',
  });
  return running;
}

it('killed in the midst of a file, it fetches it again: one object is left, and one row', async () => {
  const begun: ServerResponse[] = [];
  server.serve('/sound.wav', (response) => {
    response.writeHead(200, { 'content-length': sound.length });
    response.write(sound.subarray(0, 300_000));
    begun.push(response);
  });
  const call = await clinic.addRecording(`${server.url}/sound.wav`);
  const killed = await start();
  const objects = () => readdir(join(root, clinic.tenantId)).catch(() => []);
  await until(objects).toEqual([expect.stringMatching(/\.part$/)]);
  await killed.end('SIGKILL');
  expect(begun).toHaveLength(1);
  expect((await clinic.files()).map(({ state }) => state)).toEqual(['writing']);

  // The claim runs out, and what was half written is an hour old.
  server.serve('/sound.wav', sound);
  await clinic.run('UPDATE voice_call_recordings SET next_attempt_at = now() WHERE tenant_id = $1');
  await database.admin.query('ALTER TABLE stored_files DISABLE TRIGGER touch_updated_at');
  await clinic.run(`UPDATE stored_files SET updated_at = now() - interval '2 hours' WHERE tenant_id = $1`);
  await database.admin.query('ALTER TABLE stored_files ENABLE TRIGGER touch_updated_at');
  const next = await start();
  await until(async () => (await clinic.recording(call))?.reading).toBe('done');
  await until(async () => (await clinic.files()).map(({ state }) => state)).toEqual(['stored']);
  expect(await objects()).toHaveLength(1);
  expect(await next.end('SIGTERM')).toBe(0);
  running = undefined;
  expect(next.log.join('')).not.toContain(server.url);
});

it('told to end in the midst of a file, it gives it back at once', async () => {
  server.serve('/slow.wav', (response) => {
    response.writeHead(200, { 'content-length': sound.length });
    response.write(sound.subarray(0, 100_000));
  });
  await clinic.addRecording(`${server.url}/slow.wav`);
  const jobs = await start();
  await until(async () => server.asked.some(({ path }) => path === '/slow.wav')).toBe(true);
  expect(await jobs.end('SIGTERM')).toBe(0);
  running = undefined;
  const [row] = await clinic.run(
    `SELECT attempts, claim FROM voice_call_recordings WHERE tenant_id = $1 AND state = 'pending'`,
  );
  expect(row).toEqual({ attempts: 0, claim: null });
});
