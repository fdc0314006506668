import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnv, freePort } from '@switchboard/embedded';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, expect, inject, it, onTestFinished, vi } from 'vitest';

const engines = inject('engines');
const patience = { timeout: 50_000, interval: 100 };
const cwd = mkdtempSync(join(tmpdir(), 'switchboard-waits-'));
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase(engines.postgresAdmin);
});
afterAll(async () => {
  await database.drop();
  rmSync(cwd, { recursive: true });
});

/** A sink as a process, with an engine where nobody listens. */
async function startSinkWith(main: string, env: Record<string, string>) {
  const port = await freePort();
  const key = Buffer.alloc(32, 9).toString('base64');
  const child = spawn(process.execPath, [fileURLToPath(new URL(main, import.meta.url))], {
    cwd,
    env: childEnv({
      PORT: String(port),
      DATABASE_URL: database.urlAs('switchboard_sink'),
      KAFKA_BROKERS: engines.kafka,
      SCHEMA_REGISTRY_URL: engines.schemaRegistry,
      KAFKA_TOPIC_PREFIX: 'waits.',
      KAFKA_GROUP_PREFIX: 'waits.',
      CLICKHOUSE_URL: engines.clickhouse.url,
      CLICKHOUSE_USER: engines.clickhouse.user,
      CLICKHOUSE_PASSWORD: engines.clickhouse.password,
      CLICKHOUSE_DATABASE: database.name,
      SECRETS_KEY: key,
      PSEUDONYM_KEY: key,
      ...env,
    }),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let printed = '';
  child.stdout.on('data', (bytes) => {
    printed += bytes;
  });
  return {
    printed: () => printed,
    async ready() {
      const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
      return { status: answer.status, text: await answer.text() };
    },
  };
}

it('a sink whose ClickHouse is away says that it is ClickHouse that it waits for', async () => {
  const sink = await startSinkWith('./clickhouse/main.ts', {
    CLICKHOUSE_URL: `http://127.0.0.1:${await freePort()}`,
  });
  await vi.waitFor(async () => {
    const { status, text } = await sink.ready();
    expect([status, JSON.parse(text).checks]).toEqual([
      503,
      {
        clickhouse: 'ClickHouse cannot be reached',
        blocks: 'shard 0 waits: ClickHouse cannot be reached',
      },
    ]);
  }, patience);
  expect(sink.printed()).toContain('clickhouse is waited for');
  expect(sink.printed()).toContain('the shard waits');
}, 60_000);

it('a sink whose Postgres is away says so before the first event comes', async () => {
  const sink = await startSinkWith('./postgres/main.ts', {
    DATABASE_URL: `postgres://sink:sink@127.0.0.1:${await freePort()}/none`,
  });
  await vi.waitFor(async () => {
    const { status, text } = await sink.ready();
    expect([status, JSON.parse(text).checks.postgres]).toEqual([503, 'Postgres cannot be reached']);
    expect(sink.printed()).toContain('postgres is waited for');
  }, patience);
}, 60_000);
