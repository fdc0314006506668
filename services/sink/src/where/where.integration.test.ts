import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { ruleExtractor } from '@switchboard/domain/extraction';
import { uuidV5 } from '@switchboard/domain/ids';
import { createProducer, ensureTopics } from '@switchboard/kafka';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createStand, type Stand } from '../clickhouse/testing/stand.ts';
import { whereConfig } from './config.ts';
import { describeWhereabouts } from './describe-whereabouts.ts';
import { lookForEvent } from './look-for-event.ts';
import { openPlaces } from './open-places.ts';

const engines = inject('engines');
const prefix = `where-${randomUUID()}.`;
const phone = '+919812345678';
const producer = createProducer({ brokers: [engines.kafka], clientId: 'test', deadlineMs: 15_000 });
let stand: Stand;

beforeAll(async () => {
  stand = await createStand(engines);
  await ensureTopics({ brokers: [engines.kafka], prefix, partitions: 2 });
  await producer.connect();
});

afterAll(async () => {
  await producer.close();
  await stand.remove();
});

const settings = () => ({
  DATABASE_URL: stand.databaseUrl,
  CLICKHOUSE_URL: engines.clickhouse.url,
  CLICKHOUSE_USER: engines.clickhouse.user,
  CLICKHOUSE_PASSWORD: engines.clickhouse.password,
  CLICKHOUSE_DATABASE: stand.database.name,
  KAFKA_BROKERS: engines.kafka,
  KAFKA_TOPIC_PREFIX: prefix,
  KAFKA_GROUP_PREFIX: prefix,
});

/** What the command finds and says, given time enough on a busy machine. */
async function where(eventId: string, env: Record<string, string> = {}, patienceMs = 20_000) {
  const patience = { until: Date.now() + patienceMs, leastMs: 1_000, around: Date.now() };
  const { look, close } = openPlaces(whereConfig(undefined, { ...settings(), ...env }), patience);
  try {
    const { verdict, lines } = describeWhereabouts(await look(eventId));
    return { verdict, said: lines.join('\n') };
  } finally {
    await close();
  }
}

/** The command, as it is called. */
async function run(args: string[], more: Record<string, string> = {}) {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  const env = { PATH: process.env.PATH, ...settings(), ...more };
  const begunAt = performance.now();
  const child = spawn(process.execPath, [main, ...args], { cwd: tmpdir(), env });
  const [said, complaint, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  console.info(`the command took ${Math.round(performance.now() - begunAt)} ms`);
  return { said, complaint, code };
}

const send = (topic: string, eventId: string) =>
  producer.send({
    topic: `${prefix}${topic}`,
    key: `${stand.tenantId}:${phone}`,
    value: Buffer.from(phone),
    headers: { 'event-id': eventId },
  });
const take = (eventId: string) =>
  stand.database.admin.query('INSERT INTO inbox (tenant_id, event_id) VALUES ($1, $2)', [
    stand.tenantId,
    eventId,
  ]);

const found = (pattern: RegExp) => ({ verdict: 'found', said: expect.stringMatching(pattern) });

describe('npm run where', () => {
  it('finds what waits for enrichment, and what was made of it by its id of before', async () => {
    const [first, second] = [randomUUID(), randomUUID()];
    await send('voice-call.received.v1', randomUUID());
    await send('voice-call.received.v1', first);
    expect(await where(first)).toMatchObject(
      found(/Waiting in voice-call\.received\.v1, partition \d, offset 1, .*: 1 messages before it/),
    );
    await send('voice-call.enriched.v1', uuidV5(second, ruleExtractor.version));
    expect(await where(second)).toMatchObject(
      found(/Waiting in voice-call\.enriched\.v1, .*: 0 messages before it that sink-postgres/),
    );
  });

  it('tells the outbox, then the block, then ClickHouse, and what was counted', async () => {
    const [call] = stand.calls(1);
    const id = call?.id ?? '';
    await take(uuidV5(id, ruleExtractor.version));
    await stand.state(call ? [call] : []);
    expect(await where(id)).toMatchObject(
      found(
        new RegExp(
          `Taken: .*${stand.tenantId}[\\s\\S]*1 of its facts wait in the outbox since .*: voice_call ${id}`,
        ),
      ),
    );
    const worker = stand.work();
    await stand.settled();
    await worker.stop();
    expect(await where(id)).toMatchObject(
      found(
        new RegExp(
          `Block \\d+ of shard 0 \\(voice_call\\) is done .*, and ClickHouse holds it[\\s\\S]*ClickHouse has its facts, of block \\d+: voice_call ${id}`,
        ),
      ),
    );
  });

  it('tells a dead letter with its reason in words, and nothing of the patient', async () => {
    const id = randomUUID();
    await stand.database.admin.query(
      `INSERT INTO dead_letters (id, tenant_id, stage, reason, detail, source, event_id, message_key, content_type, sealed, attempts, first_at, last_at)
       VALUES (gen_random_uuid(), $1, 'sink', 'row_refused', 'patients_phone_check', 'x', $2, $3, 'x', $4, 3, now(), now())`,
      [stand.tenantId, id, `${stand.tenantId}:${phone}`, Buffer.from(phone)],
    );
    expect(await where(id)).toMatchObject(
      found(
        /Dead letter .*, open: set aside at sink, .*, after 3 attempts: row_refused \(patients_phone_check\)\. The database refused/,
      ),
    );
    expect((await where(id)).said).not.toContain(phone);
  });

  it('says so when an event was taken and changed no number', async () => {
    const id = randomUUID();
    await take(id);
    expect(await where(id)).toMatchObject(found(/Taken: [\s\S]*It changed no number/));
  });

  it('an id that nobody knows is nowhere; while an engine is away that is not claimed', async () => {
    const id = randomUUID();
    expect(await where(id)).toMatchObject({
      verdict: 'nowhere',
      said: expect.stringContaining('No event of this id'),
    });
    const away = { KAFKA_BROKERS: '127.0.0.1:9', CLICKHOUSE_URL: 'http://127.0.0.1:9' };
    const unsure = await where(id, away, 4_000);
    expect(unsure).toMatchObject({
      verdict: 'unclear',
      said: expect.stringContaining('not all could be asked'),
    });
    expect(unsure.said).toMatch(/ClickHouse was not looked at/);
    expect(unsure.said).toMatch(/Kafka was not looked at/);
  });

  it('what is written while Kafka is asked is found, and all that has become of it meanwhile', async () => {
    const [call] = stand.calls(1);
    const id = call?.id ?? '';
    const places = {
      postgres: stand.database.admin,
      clickhouse: stand.clickhouse,
      async searchKafka() {
        await take(uuidV5(id, ruleExtractor.version));
        await stand.state(call ? [call] : []);
        const worker = stand.work();
        await stand.settled();
        await worker.stop();
        return { said: { found: null, looked: 0, unlooked: 0, complete: true, backlogs: [] } };
      },
      deadline: Date.now() + 20_000,
      leastMs: 1_000,
    };
    const { verdict, lines } = describeWhereabouts(await lookForEvent(places, id));
    expect(verdict).toBe('found');
    expect(lines.join('\n')).toMatch(/Block \d+ .* is done .*, and ClickHouse holds it/);
  });

  it('finds one behind 20,000 that wait by the time of its answer, and any of them with more time', async () => {
    const topics = { prefix: `backlog-${randomUUID()}.`, partitions: 2 };
    await ensureTopics({ brokers: [engines.kafka], ...topics });
    const ids = Array.from({ length: 20_000 }, () => randomUUID());
    const [first = ''] = ids;
    const value = Buffer.alloc(1_000, phone);
    const sendOne = (id: string) =>
      producer.send({
        topic: `${topics.prefix}voice-call.received.v1`,
        key: id,
        value,
        headers: { 'event-id': id },
      });
    const cameAt = new Date();
    await sendOne(first);
    for (let from = 1; from < ids.length; from += 1_000)
      await Promise.all(ids.slice(from, from + 1_000).map(sendOne));
    const env = { KAFKA_TOPIC_PREFIX: topics.prefix, KAFKA_GROUP_PREFIX: topics.prefix };

    const found = {
      code: 0,
      complaint: '',
      said: expect.stringContaining('Waiting in voice-call.received.v1'),
    };
    const asked = [first, '--at', cameAt.toISOString(), '--wait', '60'];
    expect(await run(asked, env)).toMatchObject(found);
    expect(await run([ids.at(-1) ?? '', '--wait', '60'], env)).toMatchObject(found);
  }, 180_000);

  it('is a command that ends with what it found', async () => {
    const id = randomUUID();
    await take(id);
    const [seen, wrong] = await Promise.all([run([id, '--json', '--wait', '60']), run(['call-17'])]);
    expect(seen.complaint).toBe('');
    expect(JSON.parse(seen.said)).toMatchObject({ verdict: 'found', eventId: id, kafka: null });
    expect(wrong).toMatchObject({ code: 2, complaint: expect.stringContaining('EVENT_ID') });
  }, 180_000);
});
