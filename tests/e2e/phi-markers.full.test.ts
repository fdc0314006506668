import { createHmac, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Consumer, createCodec, fullTopicName, runConsumer, topics } from '@switchboard/kafka';
import { createLogger } from '@switchboard/platform';
import { phiPaths } from '@switchboard/schemas';
import { type Switchboard, startSwitchboard } from '@switchboard/start';
import { readRunning } from '@switchboard/start/running-file';
import { openStores, type Stores } from '@switchboard/testkit/open-stores';
import { signZoice } from '@switchboard/testkit/signing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { comeToRest } from '../chaos/come-to-rest.ts';
import { marksIn, plantedCall, plantedMessages, plantedRecords, word } from './planted-patient.ts';

/** Where ingest writes what it was told, so that a mark at each path shows that each was tried. */
const received = ['voice-call.received.v1', 'record.received.v1', 'message.received.v1'] as const;
/** What can't be told from anyone else's: a sex, a yes or no. `merged_into` is told of a patient alone, no name of a file by Twilio. */
const without = /(^|\.)(sex|deceased|file_name)$|\.patient\.merged_into$/;
/** What holds no patient's data, though it is written of patients. */
const withoutPhi = [
  'fact_current',
  'outbox',
  'inbox',
  'in_flight',
  'dead_letters',
  'audit_log',
  'audit_seals',
];

let dir: string;
let running: Switchboard;
let stores: Stores;
let consumer: Consumer;
const read = new Map<string, unknown[]>();
const envelopes: string[] = [];
const answers: string[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'switchboard-phi-'));
  running = await startSwitchboard({ dir, say: () => undefined });
  stores = openStores(running.demo, { applicationName: 'phi' });
  consumer = await readEverything();
  await plant();
  await comeToRest(running.demo, stores.postgres, 120_000);
});
afterAll(async () => {
  await consumer?.stop();
  await stores?.close();
  await running?.stop();
  await rm(dir, { recursive: true, force: true });
});

describe('a patient whose every name, number, date and text is a mark', () => {
  it.each(received)('is in %s at each path that is marked phi', async (topic) => {
    const unplanted = () =>
      phiPaths(topic).filter(
        (path) => !without.test(path) && !read.get(topic)?.some((value) => isPlanted(value, path.split('.'))),
      );
    await expect.poll(unplanted, { timeout: 30_000 }).toEqual([]);
  });

  it('is in Postgres, where staff look', async () => {
    const { rows } = await stores.postgres.query<{ name: string }>(
      `SELECT first_name AS name FROM patients WHERE first_name ILIKE $1`,
      [`%${word}%`],
    );
    expect(rows.length).toBeGreaterThan(0);
  });

  it('is in no key and no header of Kafka', async () => {
    expect(envelopes.length).toBeGreaterThan(15);
    expect(envelopes.filter((text) => marksIn(text).length > 0)).toEqual([]);
  });

  it('is in no fact, block, audit entry or dead letter', async () => {
    for (const table of withoutPhi) {
      const { rows } = await stores.postgres.query<{ row: string }>(`SELECT t::text AS row FROM ${table} t`);
      if (table === 'fact_current') expect(rows.length).toBeGreaterThan(5);
      if (table === 'dead_letters') expect(rows.length).toBeGreaterThan(1);
      expect(rows.filter(({ row }) => marksIn(row).length > 0).map(() => table)).toEqual([]);
    }
    const { rows } = await stores.postgres.query<{ payload: string }>('SELECT payload FROM block_payloads');
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.flatMap(({ payload }) => marksIn(payload))).toEqual([]);
  });

  it('is in no column of ClickHouse', async () => {
    const tables = await stores.clickhouse.query<{ name: string; total_rows: number }>(
      `SELECT name, toUInt32(ifNull(total_rows, 0)) AS total_rows FROM system.tables WHERE database = 'switchboard' AND engine LIKE '%MergeTree'`,
    );
    expect(tables.filter(({ total_rows }) => total_rows > 0).length).toBeGreaterThan(10);
    for (const { name } of tables) {
      const rows = await stores.clickhouse.query(`SELECT * FROM ${name}`);
      expect(marksIn(JSON.stringify(rows)), name).toEqual([]);
    }
  });

  it('is in no log, no metric and no error', async () => {
    const logs = join(dir, 'logs');
    for (const name of await readdir(logs))
      expect(marksIn(await readFile(join(logs, name), 'utf8')), name).toEqual([]);
    const services = (await readRunning(dir))?.processes.filter(({ name }) =>
      ['ingest', 'enrich', 'sink-postgres', 'sink-clickhouse', 'api', 'jobs'].includes(name),
    );
    expect(services).toHaveLength(6);
    for (const { name, port } of services ?? []) {
      const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      expect(metrics.length, name).toBeGreaterThan(500);
      expect(marksIn(metrics), name).toEqual([]);
    }
    expect(answers.length).toBeGreaterThan(5);
    expect(answers.filter((answer) => marksIn(answer).length > 0)).toEqual([]);
  });
});

/** Posts what is right, what is wrong in every way that keeps a dead letter, and asks what is not there. */
async function plant(): Promise<void> {
  const { demo } = running;
  const now = Date.now();
  const events = (body: unknown) =>
    fetch(`${demo.ingest}/api/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents-batch+json', 'x-api-key': demo.api_key },
      body: JSON.stringify(body),
    });
  const call = (body: unknown) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return fetch(`${demo.ingest}/api/v1/voice/webhook`, {
      method: 'POST',
      headers: signZoice(demo.webhook_secret, text, Math.floor(Date.now() / 1_000)),
      body: text,
    });
  };
  const keep = async (response: Response, status: number) => {
    answers.push(`${await response.text()} ${JSON.stringify([...response.headers])}`);
    expect(response.status, answers.at(-1)).toBe(status);
  };
  const [first] = plantedRecords(now);
  const { call: aCall, ...rest } = plantedCall(now, randomUUID());
  await keep(await call(plantedCall(now, randomUUID())), 202);
  await keep(await call({ ...rest, call: { ...Object(aCall), id: undefined } }), 422);
  await keep(await call({ ...rest, call: { ...Object(aCall), direction: word } }), 422);
  await keep(await call(`{"event": "${word}", `), 400);
  const message = (fields: Record<string, string>) => {
    const path = '/api/v1/whatsapp/webhook';
    const signed = Object.entries(fields)
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .flat()
      .join('');
    const signature = createHmac('sha1', demo.twilio_auth_token).update(
      `${demo.twilio_public_url}${path}${signed}`,
    );
    return fetch(`${demo.ingest}${path}`, {
      method: 'POST',
      headers: { 'x-twilio-signature': signature.digest('base64') },
      body: new URLSearchParams(fields),
    });
  };
  for (const fields of plantedMessages()) await keep(await message(fields), 200);
  await keep(await message({ ...plantedMessages()[0], MessageSid: `${word} ${word}` }), 422);
  await keep(await events(plantedRecords(now)), 202);
  await keep(await events([{ ...first, id: 'wrong', type: `patient.${word}` }]), 422);
  await keep(await events([{ ...first, id: 'wrong-too', data: { date_of_birth: word, phones: word } }]), 422);
  const api = (path: string) =>
    fetch(`${demo.api}/api/v1${path}`, { headers: { 'x-api-key': demo.api_key } });
  await keep(await api(`/calls/${randomUUID()}?q=${word}`), 422);
  await keep(await api(`/calls?from=${word}`), 422);
  await keep(await api(`/patients?q=${word}&limit=${word}`), 422);
}

/** Keys and headers of every message, and the values of what ingest wrote. */
async function readEverything(): Promise<Consumer> {
  const codec = createCodec({
    registryUrl: running.demo.schema_registry,
    prefix: 'switchboard.',
    cacheDir: join(dir, 'phi-schemas'),
  });
  return runConsumer({
    brokers: [running.demo.kafka],
    groupId: `phi-${randomUUID()}`,
    topics: topics.map(({ name }) => fullTopicName('switchboard.', name)),
    logger: createLogger({ service: 'phi', level: 'silent' }),
    async handle({ topic, messages }) {
      const name = received.find((one) => topic.endsWith(one));
      for (const { key, headers, value } of messages) {
        envelopes.push(`${key} ${JSON.stringify(headers)}`);
        if (!name) continue;
        const decoded = await codec.decode(name, value);
        read.set(name, [...(read.get(name) ?? []), decoded]);
      }
    },
  });
}

/** Whether there is a mark at a path of `phiPaths`. */
function isPlanted(value: unknown, [head, ...rest]: readonly string[]): boolean {
  if (head === undefined) return marksIn(JSON.stringify(value ?? null)).length > 0;
  const inner: unknown = Object(value)[head.replace('[]', '')];
  return Array.isArray(inner) && head.endsWith('[]')
    ? inner.some((one) => isPlanted(one, rest))
    : isPlanted(inner, rest);
}
