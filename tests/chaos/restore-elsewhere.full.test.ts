import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { childEnv } from '@switchboard/embedded';
import { writeWav } from '@switchboard/media/testing/write-wav';
import type { Pool } from '@switchboard/postgres';
import { type Switchboard, startSwitchboard } from '@switchboard/start';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { type FileServer, startFileServer } from '@switchboard/testkit/file-server';
import { openStores } from '@switchboard/testkit/open-stores';
import { createCallGenerator } from '@switchboard/testkit/simulate/call-generator';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { comeToRest } from './come-to-rest.ts';
import { runVerify } from './run-verify.ts';
import { type OwnSystem, startOwnSystem } from './start-own-system.ts';
import { whenThere } from './traffic/go-on.ts';
import { allWriters } from './traffic/writers.ts';
import { postAll } from './vendor.ts';
import { countedCalls } from './watch-numbers.ts';

const engines = inject('engines');
const run = promisify(execFile);
const programOf = (name: 'backup' | 'restore') =>
  fileURLToPath(new URL(`../../infra/prepare/src/backup/${name}.ts`, import.meta.url));

let first: OwnSystem;
let elsewhere: TestDatabase;
let second: Switchboard | undefined;
let root: string;
let vendor: FileServer;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'switchboard-restore-'));
  elsewhere = await createTestDatabase(engines.postgresAdmin);
  first = await startOwnSystem({ env: { RECORDING_HOSTS: '127.0.0.1' } });
  vendor = await startFileServer();
}, 400_000);
afterAll(async () => {
  await first?.stop();
  await second?.stop();
  await elsewhere?.drop();
  await vendor?.close();
  await rm(root, { recursive: true, force: true });
}, 240_000);

/** What is never taken away again, by its table: its key. */
const kept = {
  voice_calls: 'id',
  voice_call_recordings: 'call_id',
  patients: 'id',
  appointments: 'id',
  journeys: 'id',
  conversations: 'id',
  conversation_messages: 'id',
  stored_files: 'id',
  dead_letters: 'id',
  inbox: 'event_id',
};

async function keysOf(postgres: Pool): Promise<Map<string, Set<string>>> {
  const keys = new Map<string, Set<string>>();
  for (const [table, key] of Object.entries(kept)) {
    const { rows } = await postgres.query<{ key: string }>(`SELECT ${key}::text AS key FROM ${table}`);
    keys.set(table, new Set(rows.map((row) => row.key)));
  }
  return keys;
}

/** Tells of a call whose recording is at the vendor's, and waits until it is kept here. */
async function recordCall(): Promise<{ id: string; sound: Buffer }> {
  const { running, ledger, stores } = first;
  const sound = writeWav([Float32Array.from({ length: 8_000 }, (_, at) => Math.sin(at / 20))], {
    encoding: 's16',
    sampleRate: 8_000,
  });
  vendor.serve('/sound.wav', sound);
  const generator = createCallGenerator(77, { startAt: Date.now() - 7_200_000, repeats: 0, shuffled: 0 });
  let bodies = generator.next();
  while (!bodies.some(({ recording }) => recording)) bodies = generator.next();
  for (const { recording } of bodies)
    if (recording)
      Object.assign(recording, {
        url: `${vendor.url}/sound.wav`,
        format: 'wav',
        size_bytes: sound.length,
        sha256: createHash('sha256').update(sound).digest('hex'),
      });
  const postings = bodies.map((body) => ({
    atMs: 0,
    event: { id: body.event_id, callId: body.call.id, turns: body.transcript?.turns.length ?? 0 },
    body: JSON.stringify(body),
  }));
  await postAll(running.demo, ledger, postings);
  const id = await whenThere(async () => {
    const { rows } = await stores.postgres.query<{ id: string }>(
      `SELECT c.id FROM voice_calls c JOIN voice_call_recordings r ON r.tenant_id = c.tenant_id AND r.call_id = c.id
       WHERE c.external_id = $1 AND r.state = 'stored'`,
      [bodies[0]?.call.id],
    );
    return rows[0]?.id;
  });
  return { id, sound };
}

/** Hears a call's recording as the clinic's owner. */
async function hear({ demo }: Switchboard, id: string): Promise<Buffer> {
  const logIn = await fetch(`${demo.api}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(demo.login),
  });
  const cookie = logIn.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const answer = await fetch(`${demo.api}/api/v1/calls/${id}/recording`, { headers: { cookie } });
  expect(answer.status).toBe(200);
  return Buffer.from(await answer.arrayBuffer());
}

test('a backup taken while everybody writes is restored elsewhere: all of one moment is there, with drift 0', {
  timeout: 1_200_000,
}, async () => {
  const { running, stores } = first;
  const ending = new AbortController();
  const writers = await allWriters({
    ...first,
    seed: 9,
    durationMs: 60_000,
    pace: 0.7,
    ended: ending.signal,
  });
  const writing = Promise.all(writers.map((writer) => writer.run()));
  writing.catch(() => undefined);
  const { id: recorded, sound } = await recordCall();
  await expect
    .poll(
      async () => {
        const there = await keysOf(stores.postgres);
        return (
          (there.get('voice_calls')?.size ?? 0) > 20 && [...there.values()].every(({ size }) => size > 0)
        );
      },
      { timeout: 240_000, interval: 1_000 },
    )
    .toBe(true);
  const before = await keysOf(stores.postgres);
  const backup = join(root, 'backup');
  const command = (name: 'backup' | 'restore', env: Record<string, string>) =>
    run(process.execPath, [programOf(name), backup], { env: childEnv(env), cwd: root });
  await command('backup', {
    DATABASE_URL: running.demo.postgres,
    KAFKA_BROKERS: running.demo.kafka,
    SCHEMA_REGISTRY_URL: running.demo.schema_registry,
    RECORDINGS_URL: join(first.dir, 'recordings'),
  });
  ending.abort();
  await writing;
  const secrets = JSON.parse(await readFile(join(first.dir, 'secrets.json'), 'utf8'));

  const dir = join(root, 'second');
  await command('restore', {
    DATABASE_URL: elsewhere.adminUrl,
    KAFKA_BROKERS: engines.kafka,
    SCHEMA_REGISTRY_URL: engines.schemaRegistry,
    RECORDINGS_URL: join(dir, 'recordings'),
    KAFKA_GROUP_PREFIX: `t${randomUUID().slice(0, 8)}.`,
  });
  const prefix = `t${randomUUID().slice(0, 8)}.`;
  const database = `restored_${randomUUID().slice(0, 8)}`;
  const env = {
    KAFKA_TOPIC_PREFIX: prefix,
    KAFKA_GROUP_PREFIX: prefix,
    CLICKHOUSE_DATABASE: database,
  };
  second = await startSwitchboard({
    dir,
    given: {
      kafka: { KAFKA_BROKERS: [engines.kafka], KAFKA_SSL: false },
      schemaRegistry: engines.schemaRegistry,
      postgres: elsewhere.adminUrl,
      clickhouse: engines.clickhouse,
    },
    givenSecrets: secrets,
    patienceMs: 300_000,
    inherited: env,
    env,
  });
  const restored = openStores(second.demo, { applicationName: 'restored' });
  try {
    await comeToRest(second.demo, restored.postgres, 240_000, prefix);
    const { drift, findings } = await runVerify(second.demo, { CLICKHOUSE_DATABASE: database });
    expect({ drift, findings }).toEqual({ drift: 0, findings: [] });
    const { rows } = await restored.postgres.query<{ calls: number; facts: number }>(
      `SELECT (SELECT count(*)::int FROM voice_calls) AS calls,
         (SELECT count(*)::int FROM fact_current WHERE statement IS NOT NULL) AS facts`,
    );
    expect(rows[0]?.facts).toBeGreaterThan(20);
    expect(await countedCalls(second.demo)).toBe(rows[0]?.calls);
    // All that was there before the backup began; what came while it was taken may be there, too.
    const after = await keysOf(restored.postgres);
    for (const [table, keys] of before) {
      const lost = [...keys].filter((key) => !after.get(table)?.has(key));
      expect([table, lost]).toEqual([table, []]);
    }
    expect((await hear(second, recorded)).equals(sound)).toBe(true);
  } finally {
    await restored.close();
    await second.stop();
    second = undefined;
  }
});
