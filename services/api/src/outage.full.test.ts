import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { freePort } from '@switchboard/embedded';
import { createPool } from '@switchboard/postgres';
import { randomCalls } from '@switchboard/testkit/random-calls';
import { afterEach, describe, expect, inject, test } from 'vitest';
import { analyticsAnswer } from './analytics/answer-schema.ts';
import { startApiProcess } from './testing/api-process.ts';
import { type ApiStack, type ApiStackOptions, password, startApiStack } from './testing/api-stack.ts';
import { createTestClient, readEvents } from './testing/client.ts';
import { storeCall } from './testing/store-call.ts';

const analytics = '/api/v1/analytics/voice-calls';
let api: ApiStack | undefined;
const start = async (options: ApiStackOptions) => {
  api = await startApiStack(inject('engines'), options);
  return api;
};
afterEach(async () => {
  await api?.stop();
  api = undefined;
});

describe('while a store is away', () => {
  test('ClickHouse: numbers are not available, records are', async () => {
    const { url, ...stack } = await start({
      env: { CLICKHOUSE_URL: `http://127.0.0.1:${await freePort()}` },
    });
    const tenantId = await stack.database.addTenant();
    const client = createTestClient(url, {
      'x-api-key': await stack.addKey(tenantId, ['analytics:read', 'records:read']),
    });
    for (const path of [analytics, '/api/v1/analytics/realtime']) {
      const response = await client.get(path);
      expect([path, response.status]).toEqual([path, 503]);
      expect(response.headers.get('retry-after')).toBe('2');
      expect(await response.json()).toMatchObject({ code: 'store_unavailable' });
    }
    expect((await client.get('/api/v1/calls')).status).toBe(200);
    const all = await client.get('/readyz');
    expect([all.status, await all.json()]).toMatchObject([503, { checks: { postgres: 'ok' } }]);
    // Who sends requests asks so: else an outage of ClickHouse would take the tools of a call away, too.
    expect((await client.get('/readyz?exclude=clickhouse')).status).toBe(200);
    expect((await client.get('/readyz?exclude=kafka')).status).toBe(400);
  });

  test('Postgres: everybody is told to come again, nobody that his key is wrong', async () => {
    const lines: string[] = [];
    const { url } = await start({
      env: { DATABASE_URL: `postgres://switchboard_api:x@127.0.0.1:${await freePort()}/none` },
      log: (line) => lines.push(line),
    });
    const client = createTestClient(url, { 'x-api-key': `sb_${'a'.repeat(12)}_${'b'.repeat(64)}` });
    const reads = [
      'calls',
      'auth/me',
      'patients',
      'match-reviews',
      'appointments',
      'search?q=x',
      'users',
      'api-keys',
    ];
    for (const path of [analytics, ...[...reads, 'settings', 'audit'].map((name) => `/api/v1/${name}`)]) {
      const response = await client.get(path);
      expect([path, response.status, response.headers.get('retry-after')]).toEqual([path, 503, '2']);
    }
    const write = await client.post(`/api/v1/patients/${randomUUID()}/merge`, { patient_id: randomUUID() });
    expect([write.status, write.headers.get('retry-after')]).toEqual([503, '2']);
    expect((await client.get('/readyz')).status).toBe(503);
    // As Kubernetes asks whether it is sent requests.
    expect((await client.get('/readyz?exclude=postgres&exclude=clickhouse')).status).toBe(200);
    expect((await client.get('/healthz')).status).toBe(200);
    const said = lines.filter((line) => line.includes('store is away'));
    expect(said.length).toBeGreaterThan(reads.length);
    for (const line of said) expect(JSON.parse(line)).toMatchObject({ why: 'ECONNREFUSED' });
  });

  test('Postgres: the voice agent has a line to say, by the settings’ key and by a clinic’s', async () => {
    const agentKey = 'c'.repeat(40);
    const { url } = await start({
      env: {
        DATABASE_URL: `postgres://switchboard_api:x@127.0.0.1:${await freePort()}/none`,
        VOICE_AGENT_API_KEY: agentKey,
        DEFAULT_TENANT_ID: randomUUID(),
      },
    });
    for (const key of [agentKey, `sb_${'a'.repeat(12)}_${'b'.repeat(64)}`]) {
      const client = createTestClient(url, { authorization: `Bearer ${key}` });
      const begun = performance.now();
      const response = await client.post('/api/v1/voice/tools/available-slots', { practitioner: 'mehta' });
      // Its deadline is 3.6 s.
      expect(performance.now() - begun).toBeLessThan(15_000);
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({
        ok: false,
        code: 'NEEDS_HUMAN',
        retryable: true,
        spoken: expect.stringContaining('slow right now'),
      });
    }
  });
});

describe('limits', () => {
  test('of an address, of a tenant', async () => {
    const { url, ...stack } = await start({
      env: { API_TENANT_LIMIT_PER_MINUTE: '3', API_ADDRESS_LIMIT_PER_MINUTE: '30' },
    });
    const tenantId = await stack.database.addTenant();
    const client = createTestClient(url, { 'x-api-key': await stack.addKey(tenantId, ['analytics:read']) });
    const statuses = await inTurn(4, () => client.get('/api/v1/analytics/metrics'));
    expect(statuses.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    expect(Object.fromEntries(statuses[3]?.headers ?? [])).toMatchObject({
      'ratelimit-limit': '3',
      'ratelimit-remaining': '0',
      'retry-after': expect.stringMatching(/^\d+$/),
    });
    const guesses = await inTurn(30, () => createTestClient(url).get('/api/v1/auth/me'));
    expect(guesses.at(-1)?.status).toBe(429);
  });
});

describe('logins', () => {
  const email = 'agent@clinic.example';
  const from = (url: string, address: string, given: string) =>
    createTestClient(url)
      .post('/api/v1/auth/login', { email, password: given }, { 'x-forwarded-for': address })
      .then(({ status }) => status);
  const started = async (limit: string) => {
    const { url, ...stack } = await start({ env: { API_LOGIN_LIMIT: limit, API_TRUST_PROXY: '1' } });
    await stack.addUser(await stack.database.addTenant(), email, 'agent');
    return url;
  };

  test('right ones are never too many, in turn or at once', async () => {
    const url = await started('4');
    const statuses = [
      ...(await inTurn(10, () => from(url, '192.0.2.1', password))),
      ...(await Promise.all(Array.from({ length: 15 }, () => from(url, '192.0.2.1', password)))),
    ];
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  test('wrong ones end soon, for who made them and not for who owns the account', async () => {
    const url = await started('4');
    const guesses = await Promise.all(Array.from({ length: 10 }, () => from(url, '192.0.2.1', 'wrong')));
    expect(guesses.toSorted((a, b) => a - b)).toEqual([401, 401, 401, 401, 429, 429, 429, 429, 429, 429]);
    expect(await from(url, '192.0.2.1', password)).toBe(429);
    expect(await from(url, '192.0.2.2', password)).toBe(200);
    expect(await inTurn(5, () => from(url, '2001:db8:1:2::1', 'wrong'))).toEqual([401, 401, 401, 401, 429]);
    expect(await from(url, '2001:db8:1:2:ffff::2', password)).toBe(429);
    expect(await from(url, '2001:db8:1:3::1', password)).toBe(200);
  });
});

test('after a rebuild nobody keeps the numbers from before it, though no block came', async () => {
  const { url, ...stack } = await start({});
  const tenantId = await stack.database.addTenant({ timeZone: 'UTC' });
  const headers = { 'x-api-key': await stack.addKey(tenantId, ['analytics:read']) };
  const now = Date.now();
  const [first, second] = [1, 2].map((seed) => randomCalls({ count: 3, seed, from: now - 2, to: now - 1 }));
  await stack.stateCalls(tenantId, 'UTC', first ?? []);
  await stack.finishBlock(tenantId);
  const client = createTestClient(url, headers);
  const path = `${analytics}?time_period=last_7_days&metrics=calls_total`;
  const total = async (response: Response) =>
    analyticsAnswer.parse(await response.json()).summary.calls_total?.value;
  const before = await client.get(path);
  const known = { 'if-none-match': before.headers.get('etag') ?? '' };
  expect(await total(before)).toBe(3);
  expect((await client.get(path, known)).status).toBe(304);
  const live = await readEvents(`${url}/api/v1/analytics/realtime?interval=live`, headers);
  try {
    await live.until(1);
    await stack.publishNextEpoch();
    await stack.stateCalls(tenantId, 'UTC', [...(first ?? []), ...(second ?? [])]);
    const [, told] = await live.until(2);
    expect(told?.event).toBe('metrics');
    await expect.poll(async () => (await client.get(path, known)).status).toBe(200);
    await expect.poll(async () => total(await client.get(path))).toBe(6);
  } finally {
    live.stop();
  }
});

test('row security holds even for a query that forgets its tenant', async () => {
  const { database } = await start({});
  const [mine, theirs] = [await database.addTenant(), await database.addTenant()];
  await storeCall(database, theirs, '2026-11-20T09:00:00+05:30');
  const pool = createPool({ url: database.urlAs('switchboard_api'), applicationName: 'test', max: 1 });
  try {
    for (const table of [
      'voice_calls',
      'voice_call_transcripts',
      'voice_call_extractions',
      'patients',
      'conversations',
      'appointments',
      'match_reviews',
      'audit_log',
    ]) {
      const { rows } = await pool.query(`SELECT 1 FROM ${table}`);
      expect([table, rows.length]).toEqual([table, 0]);
    }
    await pool.query(`SELECT set_config('app.tenant_id', $1, false)`, [mine]);
    expect((await pool.query('SELECT 1 FROM voice_calls')).rows).toHaveLength(0);
    expect((await pool.query(`SELECT * FROM search_calls('knee')`)).rows).toHaveLength(0);
    await expect(pool.query(`UPDATE audit_log SET action = ''`)).rejects.toMatchObject({ code: '42501' });
  } finally {
    await pool.end();
  }
});

test('the process ends in order on SIGTERM, with a stream open', async () => {
  const { database, addKey, finishBlock } = await start({});
  const tenantId = await database.addTenant();
  await finishBlock(tenantId);
  const { url, main } = await startApiProcess(inject('engines'), database, {
    DEFAULT_TENANT_ID: tenantId,
    VOICE_AGENT_API_KEY: 'a-voice-agent-key-of-its-own',
  });
  try {
    const agent = createTestClient(url, { authorization: 'Bearer a-voice-agent-key-of-its-own' });
    expect(await (await agent.get('/api/v1/auth/me')).json()).toMatchObject({
      tenant_id: tenantId,
      scopes: ['voice:tools'],
    });
    expect((await agent.get(analytics)).status).toBe(403);
    const headers = { 'x-api-key': await addKey(tenantId, ['analytics:read']) };
    const reader = await readEvents(`${url}/api/v1/analytics/realtime?interval=live`, headers);
    await reader.until(1);
    main.kill('SIGTERM');
    const [code] = await once(main, 'exit');
    expect(code).toBe(0);
    await reader.ended;
  } finally {
    main.kill('SIGKILL');
  }
});

async function inTurn<T>(count: number, work: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let index = 0; index < count; index += 1) results.push(await work());
  return results;
}
