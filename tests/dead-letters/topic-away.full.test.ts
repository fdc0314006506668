import { randomUUID } from 'node:crypto';
import { recordEvent } from '@switchboard/domain/records/testing/record-factories';
import { ensureTopics, fullTopicName } from '@switchboard/kafka';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { receivedEvent } from '@switchboard/testkit/factories';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import { withAdmin } from '../../packages/kafka/src/contract/kit.ts';
import { createEnrichProcess } from '../../services/enrich/src/testing/enrich-process.ts';
import { clinics } from '../../services/ingest/src/testing/clinics.ts';
import { startIngestStack } from '../../services/ingest/src/testing/ingest-stack.ts';
import { callBody, post, zoiceHeaders } from '../../services/ingest/src/testing/post-webhook.ts';
import { createSinkProcess } from '../../services/sink/src/postgres/records/testing/sink-process.ts';

const engines = inject('engines');
const patience = { timeout: 60_000, interval: 50 };
let database: TestDatabase;
let tenantId: string;
beforeAll(async () => {
  database = await createTestDatabase(engines.postgresAdmin);
  tenantId = await database.addTenant();
});
afterAll(() => database.drop());

/** The broker takes no dead letter, as there is no topic for them; all else it takes. */
async function removeTopic(broker: string, prefix: string): Promise<void> {
  const topic = fullTopicName(prefix, 'dead-letter.v1');
  await withAdmin(broker, async (admin) => {
    await admin.deleteTopics({ topics: [topic] });
    await vi.waitFor(async () => expect(await admin.listTopics()).not.toContain(topic), patience);
  });
}

const restoreTopic = (broker: string, prefix: string) =>
  ensureTopics({ brokers: [broker], prefix, partitions: 2 });

it('ingest answers 503 to what it would have to set aside, so that its sender keeps it, and takes all else', async () => {
  const stack = await startIngestStack(engines.schemaRegistry);
  const url = `${stack.ingest.url}/api/v1/voice/webhook/${clinics.asha.slug}`;
  const send = (body: string) => post(url, body, zoiceHeaders(clinics.asha.secrets[0]?.text ?? '', body));
  const good = () => send(JSON.stringify(callBody(randomUUID())));
  try {
    await vi.waitFor(async () => expect((await good()).status).toBe(202), patience);
    await removeTopic(stack.kafka.url, stack.prefix);
    await vi.waitFor(async () => expect((await send('{"event":')).status).toBe(503), patience);
    // A busy machine may need more than one round to answer all of them in time.
    await vi.waitFor(async () => {
      const [bad, ...rest] = await Promise.all([send('{"event":'), ...Array.from({ length: 20 }, good)]);
      const told = [bad.status, bad.body.code, bad.headers.get('retry-after')];
      expect(told).toEqual([503, 'broker_unavailable', '2']);
      expect(new Set(rest.map(({ status }) => status))).toEqual(new Set([202]));
    }, patience);
    await restoreTopic(stack.kafka.url, stack.prefix);
    await vi.waitFor(async () => expect((await send('{"event":')).status).toBe(400), patience);
    await stack.topics.deadLettersOf(({ reason }) => reason === 'not_json', 1);
  } finally {
    await stack.stop();
  }
}, 180_000);

it('enrich commits nothing from the poison on, and nothing is lost when the topic is back', async () => {
  const enrich = await createEnrichProcess(
    engines,
    database.urlAs('switchboard_enrich'),
    new URL('../../services/enrich/src/main.ts', import.meta.url),
  );
  const good = (count: number) =>
    Array.from({ length: count }, () =>
      receivedEvent({ tenant_id: tenantId, call: { from_number: '+919812345678' } }),
    );
  const retries = async () =>
    /batch_retries_total\{[^}]*received[^}]*\} (\d+)/.exec(await enrich.metrics())?.[1] ?? '0';
  try {
    await enrich.send(good(5));
    await vi.waitFor(async () => expect(await enrich.committed()).toBe(5), patience);
    await removeTopic(engines.kafka, enrich.prefix);
    await enrich.sendBytes(Buffer.from('not avro at all'));
    await enrich.send(good(5));
    await vi.waitFor(async () => expect(Number(await retries())).toBeGreaterThanOrEqual(2), patience);
    expect(await enrich.committed()).toBe(5);
    expect(enrich.letters).toEqual([]);

    await restoreTopic(engines.kafka, enrich.prefix);
    await vi.waitFor(async () => expect(await enrich.committed()).toBe(11), patience);
    await vi.waitFor(() => expect(enrich.letters.length).toBeGreaterThanOrEqual(1), patience);
    expect(new Set(enrich.letters.map((letter) => letter.dead_letter_id)).size).toBe(1);
    expect(new Set(enrich.enriched.map(({ event }) => event.event_id)).size).toBe(10);
  } finally {
    await enrich.close();
  }
}, 180_000);

it('sink-postgres commits nothing from the poison on, and nothing is lost when the topic is back', async () => {
  const sink = await createSinkProcess(engines, database.urlAs('switchboard_sink'));
  const patient = (tenant: string) =>
    recordEvent('patient.created', `P-${randomUUID()}`, { tenant_id: tenant, patient: { first_name: 'A' } });
  const count = async (table: string) =>
    Number((await database.admin.query<{ n: number }>(`SELECT count(*) AS n FROM ${table}`)).rows[0]?.n);
  const retries = async () =>
    /batch_retries_total\{[^}]*record.received[^}]*\} (\d+)/.exec(
      await (await fetch(`${sink.url}/metrics`)).text(),
    )?.[1] ?? '0';
  sink.start();
  try {
    await sink.send('record.received.v1', [patient(tenantId)]);
    await vi.waitFor(async () => expect(await sink.committed('record.received.v1')).toBe(1), patience);
    await removeTopic(engines.kafka, sink.prefix);
    await sink.send('record.received.v1', [patient(randomUUID())]);
    await vi.waitFor(async () => expect(Number(await retries())).toBeGreaterThanOrEqual(2), patience);
    expect(await sink.committed('record.received.v1')).toBe(1);
    expect(await count('dead_letters')).toBe(0);

    await restoreTopic(engines.kafka, sink.prefix);
    await vi.waitFor(async () => {
      expect(await sink.committed('record.received.v1')).toBe(2);
      expect(await count('dead_letters')).toBe(1);
    }, patience);
    expect(await count('inbox')).toBe(1);
  } finally {
    await sink.close();
  }
}, 180_000);
