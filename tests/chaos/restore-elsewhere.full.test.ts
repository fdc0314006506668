import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { childEnv } from '@switchboard/embedded';
import { type Switchboard, startSwitchboard } from '@switchboard/start';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { openStores } from '@switchboard/testkit/open-stores';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { comeToRest } from './come-to-rest.ts';
import { runVerify } from './run-verify.ts';
import { type OwnSystem, startOwnSystem } from './start-own-system.ts';
import { allWriters } from './traffic/writers.ts';
import { countedCalls } from './watch-numbers.ts';

const engines = inject('engines');
const run = promisify(execFile);
const programOf = (name: 'backup' | 'restore') =>
  fileURLToPath(new URL(`../../infra/prepare/src/backup/${name}.ts`, import.meta.url));

let first: OwnSystem;
let elsewhere: TestDatabase;
let second: Switchboard | undefined;
let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'switchboard-restore-'));
  elsewhere = await createTestDatabase(engines.postgresAdmin);
  first = await startOwnSystem();
}, 400_000);
afterAll(async () => {
  await first?.stop();
  await second?.stop();
  await elsewhere?.drop();
  await rm(root, { recursive: true, force: true });
}, 240_000);

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
  await expect
    .poll(async () => (await stores.postgres.query('SELECT FROM voice_calls')).rowCount, { timeout: 240_000 })
    .toBeGreaterThan(20);
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
    expect(rows[0]?.calls).toBeGreaterThan(20);
    expect(rows[0]?.facts).toBeGreaterThan(20);
    expect(await countedCalls(second.demo)).toBe(rows[0]?.calls);
  } finally {
    await restored.close();
    await second.stop();
    second = undefined;
  }
});
