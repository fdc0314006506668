import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { migrateClickHouse } from '@switchboard/clickhouse';
import { uuidV7 } from '@switchboard/domain/ids';
import { childEnv, freePort } from '@switchboard/embedded';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { startWebhookReceiver } from '@switchboard/testkit/webhook-receiver';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';

/** The clinic's owner names an address to the API, and jobs, another process, tells it: by one sealing key alone. */

const engines = inject('engines');
const secretsKey = randomBytes(32).toString('base64');
const slug = `clinic-${randomBytes(4).toString('hex')}`;
const apiKey = { id: randomBytes(6).toString('hex'), secret: randomBytes(32).toString('hex') };
const processes: ChildProcess[] = [];
let database: TestDatabase;
let api: string;

const fileOf = (path: string) => fileURLToPath(new URL(`../../services/${path}`, import.meta.url));

beforeAll(async () => {
  database = await createTestDatabase(engines.postgresAdmin);
  const { url, user, password } = engines.clickhouse;
  await migrateClickHouse({ url, user, password, database: database.name });
  const tenantId = await database.addTenant({ slug });
  await database.admin.query(
    `INSERT INTO api_keys (tenant_id, id, key_id, secret_hash, name, scopes) VALUES ($1, $2, $3, $4, 'Test', '{admin}')`,
    [tenantId, uuidV7(Date.now()), apiKey.id, createHash('sha256').update(apiKey.secret).digest()],
  );
  api = await start('api/src/main.ts', {
    DATABASE_URL: database.urlAs('switchboard_api'),
    CLICKHOUSE_URL: url,
    CLICKHOUSE_USER: user,
    CLICKHOUSE_PASSWORD: password,
    CLICKHOUSE_DATABASE: database.name,
    PSEUDONYM_KEY: randomBytes(32).toString('base64'),
  });
  await start('jobs/src/main.ts', {
    DATABASE_URL: database.urlAs('switchboard_sink'),
    KAFKA_BROKERS: engines.kafka,
    SCHEMA_REGISTRY_URL: engines.schemaRegistry,
    PSEUDONYM_KEY: randomBytes(32).toString('base64'),
  });
});

afterAll(async () => {
  for (const child of processes) {
    if (child.exitCode === null && child.kill('SIGTERM')) await once(child, 'exit');
  }
  await database.drop();
});

/** Starts a service and waits until it is ready. @returns its URL */
async function start(main: string, env: Record<string, string>): Promise<string> {
  const port = await freePort();
  const own = { PORT: String(port), SECRETS_KEY: secretsKey, SWITCHBOARD_PARENT: 'pipe' };
  const targets = { WEBHOOKS_ALLOW_HTTP: 'true', WEBHOOKS_ALLOW_PRIVATE: 'true' };
  const child = spawn(process.execPath, [fileOf(main)], {
    env: childEnv({ ...own, ...targets, ...env }),
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  processes.push(child);
  const url = `http://127.0.0.1:${port}`;
  const ready = async () => expect((await fetch(`${url}/readyz`)).status).toBe(200);
  await vi.waitFor(ready, { timeout: 30_000 });
  return url;
}

async function ask(method: string, path: string, body?: unknown) {
  const answer = await fetch(`${api}/api/v1/webhook-endpoints${path}`, {
    method,
    headers: {
      'x-api-key': `sb_${apiKey.id}_${apiKey.secret}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    body: JSON.stringify(body),
  });
  return JSON.parse(await answer.text());
}

test('an endpoint that is added by the API is told by jobs, signed with the secret that was shown, and all of it is sealed', async () => {
  const receiver = await startWebhookReceiver({ secret: '' });
  const endpoint = await ask('POST', '', { url: receiver.url });
  const { delivery_id: delivery } = await ask('POST', `/${endpoint.id}/test`);
  await expect.poll(() => receiver.received.length, { timeout: 20_000 }).toBe(1);
  expect(receiver.received[0]).toMatchObject({
    id: delivery,
    payload: { type: 'endpoint.test', data: { endpoint_id: endpoint.id } },
  });
  expect(receiver.verify(0, endpoint.secret)).toBe(true);

  const rotated = await ask('POST', `/${endpoint.id}/rotate-secret`, {});
  await ask('POST', `/${endpoint.id}/test`);
  await expect.poll(() => receiver.received.length, { timeout: 20_000 }).toBe(2);
  expect([endpoint.secret, rotated.secret].map((secret) => receiver.verify(1, secret))).toEqual([true, true]);
  await expect
    .poll(async () => (await ask('GET', `/${endpoint.id}/deliveries?state=delivered`)).deliveries.length, {
      timeout: 20_000,
    })
    .toBe(2);
  await receiver.close();

  const verify = async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [fileOf('jobs/src/audit/main.ts'), 'verify', '--tenant', slug, '--json'],
      { env: childEnv({ DATABASE_URL: database.urlAs('switchboard_sink') }) },
    );
    return JSON.parse(stdout);
  };
  await expect.poll(verify, { timeout: 20_000 }).toMatchObject({ rows: 4, waiting: 0, firstBreak: null });
});
