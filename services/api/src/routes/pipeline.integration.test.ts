import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createProducer, ensureTopics } from '@switchboard/kafka';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { pipelineAnswer } from '../pipeline/pipeline-schema.ts';
import { type ApiClinic, bodyOf, problemOf, startApiClinic } from '../testing/clinic.ts';

const engines = inject('engines');
const prefix = `pipeline-${randomUUID()}.`;
const producer = createProducer({ brokers: [engines.kafka], clientId: 'test', deadlineMs: 15_000 });
const phone = '+919812345678';
let clinic: ApiClinic;
/** With Kafka and ClickHouse where nothing listens, and a service that hangs. */
let lame: ApiClinic;
const services: Record<string, { status: number; body: unknown }> = {
  enrich: { status: 200, body: { status: 'ready', checks: { kafka: 'ok' } } },
  'sink-postgres': { status: 503, body: { status: 'not ready', checks: { postgres: 'not reachable' } } },
  ingest: { status: 503, body: { status: 'draining', checks: {} } },
};
const hanging = new Set<string>();
let asked = 0;
let clock = Date.now();
const server = createServer((request, response) => {
  const [, name = '', path] = request.url?.split('/') ?? [];
  if (path === 'healthz') return void response.end('{}');
  asked += 1;
  if (hanging.has(name)) return;
  const said = services[name];
  response.writeHead(said?.status ?? 500).end(JSON.stringify(said?.body));
});

beforeAll(async () => {
  await ensureTopics({ brokers: [engines.kafka], prefix, partitions: 2 });
  await producer.connect();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const at = (name: string) => `${name}=http://127.0.0.1:${port}/${name}`;
  const env = { KAFKA_TOPIC_PREFIX: prefix, KAFKA_GROUP_PREFIX: prefix };
  clinic = await startApiClinic(engines, {
    env: {
      ...env,
      KAFKA_BROKERS: engines.kafka,
      API_SERVICES: [...['enrich', 'sink-postgres', 'ingest'].map(at), 'jobs=http://127.0.0.1:9'].join(','),
    },
  });
  lame = await startApiClinic(engines, {
    now: () => clock,
    env: {
      ...env,
      KAFKA_BROKERS: '127.0.0.1:9',
      CLICKHOUSE_URL: 'http://127.0.0.1:9',
      API_SERVICES: at('slow'),
    },
  });
  hanging.add('slow');
});

afterAll(async () => {
  await clinic.stop();
  await lame.stop();
  await producer.close();
  server.closeAllConnections();
  server.close();
});

const read = async (of = clinic) => bodyOf(pipelineAnswer, await of.owner.get('/api/v1/pipeline'));
const setAside = (tenantId: string, reason: string, state = 'open') =>
  clinic.database.admin.query(
    `INSERT INTO dead_letters (id, tenant_id, stage, reason, detail, source, content_type, sealed, attempts, state, first_at, last_at, message_key)
     VALUES (gen_random_uuid(), $1, 'enrich', $2, 'x', 'x', 'x', $3, 1, $4, now(), now(), $5)`,
    [tenantId, reason, Buffer.from(phone), state, phone],
  );

describe('GET /pipeline', () => {
  test('tells what waits, how old it is, who is ready, and the clinic’s own dead letters', async () => {
    for (const key of ['a', 'b', 'c'])
      await producer.send({
        topic: `${prefix}voice-call.received.v1`,
        key: `${clinic.tenantId}:${phone}:${key}`,
        value: Buffer.from(phone),
        headers: { 'event-id': randomUUID() },
      });
    await setAside(clinic.tenantId, 'bad_payload');
    await setAside(clinic.tenantId, 'bad_payload');
    await setAside(clinic.tenantId, 'row_refused');
    await setAside(clinic.tenantId, 'row_refused', 'discarded');
    await setAside(clinic.otherTenantId, 'not_avro');
    const block = await clinic.finishBlock(clinic.tenantId);
    await clinic.database.admin.query(
      `INSERT INTO blocks (shard, number, tenants, rows, drained, as_of) VALUES (0, $1, '{}', 7, false, now())`,
      [block + 1],
    );
    await clinic.database.admin.query(
      `INSERT INTO outbox (shard, tenant_id, kind, event_id, sign, line, created_at)
       VALUES (0, $1, 'voice_call', gen_random_uuid(), 1, '{}', now() - interval '90 seconds')`,
      [clinic.tenantId],
    );

    // Each is waited for less than a second, and on a busy machine any may take longer.
    let answer = await read();
    const states = async () => {
      answer = await read();
      return { engines: answer.engines, services: answer.services };
    };
    await expect.poll(states, { timeout: 30_000 }).toEqual({
      engines: {
        postgres: { state: 'ok', detail: null },
        kafka: { state: 'ok', detail: null },
        clickhouse: { state: 'ok', detail: null },
      },
      services: [
        { name: 'enrich', state: 'ready', waits_for: [] },
        {
          name: 'sink-postgres',
          state: 'not ready',
          waits_for: [{ check: 'postgres', detail: 'not reachable' }],
        },
        { name: 'ingest', state: 'draining', waits_for: [] },
        { name: 'jobs', state: 'away', waits_for: [] },
      ],
    });
    expect(answer.lag?.find(({ topic }) => topic === 'voice-call.received.v1')).toMatchObject({
      stage: 'enrich',
      group: 'enrich',
      messages: 3,
      arrived_per_second: 0.05,
      finished_per_second: expect.toSatisfy((rate) => rate === null || rate === 0),
    });
    expect(answer.blocks).toMatchObject({ open: 1 });
    expect(answer.blocks.rows_per_second).toBe(0.017);
    expect(answer.blocks.oldest_outbox_seconds).toBeGreaterThanOrEqual(90);
    expect(answer.dead_letters.open).toBe(3);
    expect(answer.dead_letters.by.map(({ stage, reason, count }) => [stage, reason, count])).toEqual([
      ['enrich', 'bad_payload', 2],
      ['enrich', 'row_refused', 1],
    ]);
    expect(answer.stages.map(({ name, waiting, dead_letters }) => [name, waiting, dead_letters])).toEqual([
      ['ingest', 0, 0],
      ['enrich', 3, 3],
      ['sink-postgres', 0, 0],
      ['sink-clickhouse', 1, 0],
    ]);
    expect(answer.freshness_ms).toBeGreaterThanOrEqual(0);
    expect(JSON.stringify(answer)).not.toContain(phone);
  });

  test('says which engine is away, and what hangs, and answers all the same', async () => {
    let answer = await read(lame);
    const engines = async () => {
      clock += 1_001;
      answer = await read(lame);
      return answer.engines;
    };
    await expect.poll(engines, { timeout: 30_000 }).toMatchObject({
      postgres: { state: 'ok' },
      kafka: { state: 'away' },
      clickhouse: { state: 'away' },
    });
    expect(answer.lag).toBeNull();
    expect(answer.stages.map(({ per_second, waiting }) => [per_second, waiting])).toEqual([
      [null, 0],
      [null, null],
      [null, null],
      [0, 0],
    ]);
    expect(answer.services).toEqual([
      { name: 'slow', state: 'not ready', waits_for: [{ check: 'readyz', detail: 'no answer in time' }] },
    ]);
  });

  test('many who look cost one look a second', async () => {
    asked = 0;
    clock += 1_001;
    await Promise.all(Array.from({ length: 5 }, () => read(lame)));
    await read(lame);
    expect(asked).toBe(1);
    clock += 1_001;
    await read(lame);
    expect(asked).toBe(2);
  });

  test('is for owners and managers who are logged in', async () => {
    expect((await clinic.manager.get('/api/v1/pipeline')).status).toBe(200);
    for (const [who, status] of [
      [clinic.agent, 403],
      [clinic.analyst, 403],
      [clinic.nobody, 401],
    ] as const)
      expect((await problemOf(await who.get('/api/v1/pipeline'))).status).toBe(status);
    const key = await clinic.addKey(clinic.tenantId, ['admin']);
    expect((await clinic.nobody.get('/api/v1/pipeline', { 'x-api-key': key })).status).toBe(403);
  });
});
