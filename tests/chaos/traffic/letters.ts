import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { uuidV5 } from '@switchboard/domain/ids';
import { recordEvent } from '@switchboard/domain/records/testing/record-factories';
import { createCodec, createProducer, type FailedEvent, sendDeadLetter } from '@switchboard/kafka';
import { createSealer } from '@switchboard/platform';
import { signZoice } from '@switchboard/testkit/signing';
import { createClinicEventWriter } from '@switchboard/testkit/simulate/clinic-event';
import { goOn, whenThere } from './go-on.ts';
import { insist } from './insist.ts';
import { compareRows, createFindings } from './list-findings.ts';
import { createStaff, refusal } from './staff.ts';
import type { Asked, World, Writer } from './world.ts';

const letterEveryMs = 4_000;
const prefix = 'switchboard.';
const ways = ['topic', 'ingest', 'refused'] as const;
const poisonEveryMs = 8_000;
/** Where bytes that are no event are set aside, by whom. */
const poisoned = [
  { topic: 'voice-call.received.v1', stage: 'enrich' },
  { topic: 'message.received.v1', stage: 'enrich' },
  { topic: 'voice-call.enriched.v1', stage: 'sink' },
  { topic: 'message.enriched.v1', stage: 'sink' },
  { topic: 'record.received.v1', stage: 'sink' },
  { topic: 'record.import.v1', stage: 'sink' },
] as const;

/**
 * Dead letters and who decides on them. Two of three are of events that an older release could not take and this one can: they are
 * put back, on their topic by themselves or through ingest with all like them, and land once. The third is of a body that never was
 * an event, and is given up. So is all that lies on the topics among events and is none.
 */
export function writeLetters(world: World): Writer {
  const { running, seed, durationMs, stores, pace, ended } = world;
  const { demo } = running;
  const asked: Asked[] = [];
  const staff = createStaff(world, asked);
  const name = `dl${seed}-${Date.now().toString(36)}`;
  const { write } = createClinicEventWriter(name, 'Asia/Kolkata');
  /** How each letter must end, and which patients are to come of them. */
  const states = new Map<string, string>();
  const patients = new Map<string, string>();
  const wrong: string[] = [];
  const producer = createProducer({ brokers: demo.kafka.split(','), clientId: 'chaos-letters' });
  const codec = createCodec({
    registryUrl: demo.schema_registry,
    prefix,
    cacheDir: join(world.dir, 'letters-schemas'),
  });
  let sealer: Promise<ReturnType<typeof createSealer>> | undefined;

  async function openSealer() {
    const secrets: unknown = JSON.parse(await readFile(join(world.dir, 'secrets.json'), 'utf8'));
    return createSealer(Buffer.from(String(Reflect.get(Object(secrets), 'secretsKey')), 'base64'));
  }

  /** @returns the letter's id */
  async function setAside(failed: FailedEvent): Promise<string> {
    sealer ??= openSealer();
    const opened = await sealer;
    // However often it is sent it failed once: what fails later, after it was put back, is open again.
    const once = { ...failed, firstAt: Date.now(), lastAt: Date.now() };
    const letter = await whenThere(() => sendDeadLetter({ producer, codec, prefix, sealer: opened }, once));
    return letter.dead_letter_id;
  }

  async function failedOnTopic(patient: string): Promise<string> {
    const event = recordEvent('patient.created', patient, {
      tenant_id: demo.tenant,
      patient: { first_name: `Letter${name}`, last_name: patient },
    });
    const body = await whenThere(() => codec.encode(`${prefix}record.received.v1`, event));
    return setAside({
      tenantId: demo.tenant,
      stage: 'sink',
      reason: 'unexpected_error',
      source: `${prefix}record.received.v1`,
      topic: 'record.received.v1',
      eventId: event.event_id,
      messageKey: `${demo.tenant}:${event.entity_key}`,
      body,
      contentType: 'application/vnd.confluent.avro',
    });
  }

  function failedAtIngest(patient: string): Promise<string> {
    const event = write('patient.created', patient, Date.now() - 60_000, {
      first_name: `Letter${name}`,
      last_name: patient,
    });
    return setAside({
      tenantId: demo.tenant,
      stage: 'ingest',
      reason: 'unexpected_error',
      source: 'events',
      body: Buffer.from(JSON.stringify(event)),
      contentType: 'application/cloudevents+json',
    });
  }

  /** What is authentic and no event is kept, however often it is posted. */
  async function refused(text: string): Promise<string> {
    const answer = await insist(`${demo.ingest}/api/v1/voice/webhook`, {
      asked,
      init: () => ({
        method: 'POST',
        headers: signZoice(demo.webhook_secret, text, Math.floor(Date.now() / 1_000)),
        body: text,
      }),
    });
    if (answer.status !== 400) wrong.push(`webhook ${refusal(answer)}`);
    return idOf('ingest', text);
  }

  async function one(index: number): Promise<void> {
    const way = ways[index % ways.length] ?? 'topic';
    const patient = `P-${name}-${index}`;
    const id = await { topic: failedOnTopic, ingest: failedAtIngest, refused }[way](patient);
    states.set(id, way === 'refused' ? 'discarded' : 'replayed');
    if (way !== 'refused') patients.set(patient, 'active');
    await areStored([id]);
    const path = `/api/v1/dead-letters/${id}`;
    const decided = await {
      topic: () => staff.ask('POST', `${path}/replay`),
      ingest: () =>
        staff.ask('POST', '/api/v1/dead-letters/replay', {
          stage: ['ingest'],
          reason: ['unexpected_error'],
        }),
      refused: () => staff.ask('POST', `${path}/discard`, { reason: 'No event' }),
    }[way]();
    // What was done although its answer was lost is refused when it is asked again.
    if (decided.status >= 300 && !(decided.tries > 1 && decided.status === 409))
      wrong.push(`${way} ${refusal(decided)}`);
  }

  /** What is no event lies among events of each topic; all of it that was set aside is given up at once. */
  async function poison(index: number): Promise<void> {
    const ids = await Promise.all(
      poisoned.map(async ({ topic, stage }) => {
        const value = Buffer.from(`No event ${name} ${index} of ${topic}`);
        const key = `${demo.tenant}:${name}-${index}`;
        const headers = { 'tenant-id': demo.tenant };
        await whenThere(async () => {
          await producer.send({ topic: `${prefix}${topic}`, key, value, headers });
          return true;
        });
        const id = idOf(stage, value);
        states.set(id, 'discarded');
        return id;
      }),
    );
    await areStored(ids);
    const answer = await staff.ask('POST', '/api/v1/dead-letters/discard', {
      reason: 'No event',
      // Whoever was killed at one again and again takes it for the cause.
      letters: { reason: ['not_avro', 'process_killed'] },
    });
    if (answer.status !== 200) wrong.push(`poison ${refusal(answer)}`);
  }

  /** Of what has no id of its own. */
  function idOf(stage: 'ingest' | 'enrich' | 'sink', body: string | Buffer): string {
    return uuidV5(demo.tenant, stage, createHash('sha256').update(body).digest('hex'));
  }

  async function areStored(ids: readonly string[]): Promise<void> {
    await whenThere(async () => {
      const { rowCount } = await stores.postgres.query('SELECT FROM dead_letters WHERE id = ANY ($1)', [ids]);
      return rowCount === ids.length ? true : undefined;
    });
  }

  async function settle(): Promise<void> {
    await whenThere(async () => {
      const { rowCount } = await stores.postgres.query(
        `SELECT FROM dead_letters WHERE id = ANY ($1) AND state IN ('open', 'replaying')`,
        [[...states.keys()]],
      );
      return rowCount === 0 ? true : undefined;
    }).catch(() => undefined);
    await producer.close();
  }

  async function check(): Promise<string[]> {
    const findings = createFindings();
    findings.list('decisions on dead letters that were refused', wrong);
    const { rows: letters } = await stores.postgres.query<{ key: string; says: string }>(
      'SELECT id AS key, state AS says FROM dead_letters WHERE tenant_id = $1 OR tenant_id IS NULL',
      [demo.tenant],
    );
    findings.list(
      'dead letters that nobody expected',
      letters.map(({ key }) => key).filter((key) => !states.has(key)),
    );
    const { rows } = await stores.postgres.query<{ key: string; says: string }>(
      'SELECT external_id AS key, status AS says FROM patients WHERE tenant_id = $1 AND external_id LIKE $2',
      [demo.tenant, `P-${name}-%`],
    );
    return [
      ...findings.lines,
      ...compareRows('dead letters', states, letters),
      ...compareRows('patients of what was put back', patients, rows),
    ];
  }

  return {
    name: 'dead letters',
    asked,
    async run() {
      await whenThere(async () => {
        await producer.connect();
        return true;
      });
      await Promise.all([
        goOn({ everyMs: letterEveryMs / pace, forMs: durationMs, ended }, one),
        goOn({ everyMs: poisonEveryMs / pace, forMs: durationMs, ended }, poison),
      ]);
    },
    settle,
    check,
    events: () => patients.size,
    letters: () => states.size,
    notes: () => ({ letters: states.size, 'put back': patients.size }),
  };
}
