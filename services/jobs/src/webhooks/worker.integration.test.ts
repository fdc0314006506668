import { randomBytes } from 'node:crypto';
import { firing } from '@switchboard/monitoring/firing';
import { createSealer } from '@switchboard/platform';
import { createPool, type Pool } from '@switchboard/postgres';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { startWebhookReceiver, type WebhookReceiver } from '@switchboard/testkit/webhook-receiver';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { type Clinic, makeClinic, newSecret, planted } from '../testing/clinic.ts';
import { startTestWorker, type TestWorker } from '../testing/worker.ts';

const sealer = createSealer(randomBytes(32));
const secret = newSecret();
let database: TestDatabase;
let pool: Pool;
let api: Pool;
let clinic: Clinic;
let receiver: WebhookReceiver;
let workers: TestWorker[] = [];
let receivers: WebhookReceiver[] = [];

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  pool = createPool({ url: database.urlAs('switchboard_sink'), applicationName: 'test-jobs', max: 6 });
  api = createPool({ url: database.urlAs('switchboard_api'), applicationName: 'test-api', max: 4 });
});
beforeEach(async () => {
  clinic = await makeClinic(database, api, sealer);
  receiver = await open();
});
afterEach(async () => {
  for (const one of receivers) one.release();
  for (const worker of workers) await worker.stop();
  for (const one of receivers) await one.close();
  await clinic.run('DELETE FROM webhook_endpoints WHERE tenant_id = $1');
  workers = [];
  receivers = [];
});
afterAll(async () => {
  await pool.end();
  await api.end();
  await database.drop();
});

async function open(of = secret): Promise<WebhookReceiver> {
  const one = await startWebhookReceiver({ secret: of });
  receivers.push(one);
  return one;
}

function work(options: Parameters<typeof startTestWorker>[2] = {}): TestWorker {
  const worker = startTestWorker(pool, sealer, options);
  workers.push(worker);
  return worker;
}

const states = async (endpointId?: string) =>
  (await clinic.deliveries(endpointId)).map(({ state, attempts, last_status }) => [
    state,
    attempts,
    last_status,
  ]);
const until = (seen: () => unknown) => expect.poll(seen, { timeout: 20_000, interval: 20 });
/** What waits for its next attempt is due now. */
const dueNow = () =>
  clinic.run('UPDATE webhook_deliveries SET next_attempt_at = now() WHERE tenant_id = $1 AND claim IS NULL');

describe('a delivery', () => {
  it('tells the clinic’s system what changed, signed, with our id of the appointment and no name', async () => {
    await clinic.addEndpoint({ url: receiver.url, secret });
    const appointment = await clinic.book();
    work();
    await until(() => states()).toEqual([['delivered', 1, 204]]);
    const [delivery] = await clinic.deliveries();
    expect(receiver.received).toMatchObject([
      {
        verified: true,
        id: delivery?.id,
        headers: { 'content-type': 'application/json' },
        payload: {
          id: delivery?.id,
          type: 'appointment.booked',
          timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
          data: {
            appointment_id: appointment,
            external_id: null,
            version: 2,
            status: 'scheduled',
            start: '2026-12-01T05:30:00.000Z',
            end: '2026-12-01T06:00:00.000Z',
            practitioner: { external_id: 'doc-3' },
            patient: { external_id: 'pat-7' },
          },
        },
      },
    ]);
    expect(receiver.received[0]?.text).not.toContain(planted.lastName);
  });

  it('holds the patient’s name where the endpoint may have it; log and metrics never do, nor the address', async () => {
    await clinic.addEndpoint({ url: receiver.url, secret, patientNames: true });
    receiver.answer(({ payload }) => ({ status: JSON.stringify(payload).includes('booked') ? 204 : 500 }));
    const appointment = await clinic.book();
    const worker = work();
    await until(() => states()).toEqual([['delivered', 1, 204]]);
    await clinic.change(appointment, 'appointment.cancelled');
    worker.wake();
    await until(() => states()).toEqual([
      ['delivered', 1, 204],
      ['pending', 1, 500],
    ]);
    expect(receiver.received[0]?.payload).toMatchObject({
      data: { patient: { first_name: planted.firstName, last_name: planted.lastName } },
    });
    const said = worker.log.join('') + (await worker.metrics());
    expect(said).toContain('switchboard_webhook_attempts_total{result="refused"');
    for (const value of [...Object.values(planted), '127.0.0.1', '/hook', secret])
      expect(said).not.toContain(value);
  });

  it('is for endpoints that want its type, of that clinic alone, once, and not for what the clinic’s system said', async () => {
    const other = await makeClinic(database, api, sealer);
    await other.addEndpoint({ url: receiver.url, secret });
    const all = await clinic.addEndpoint({ url: receiver.url, secret });
    const some = await clinic.addEndpoint({
      url: receiver.url,
      secret,
      eventTypes: ['appointment.cancelled'],
    });
    const appointment = await clinic.addAppointment();
    expect(await clinic.change(appointment, 'appointment.booked')).toBe(1);
    expect(await clinic.change(appointment, 'appointment.confirmed', 'clinic_system')).toBe(0);
    expect(await clinic.change(appointment, 'appointment.cancelled')).toBe(2);
    await clinic.run('UPDATE appointments SET version = version - 1 WHERE tenant_id = $1');
    expect(await clinic.change(appointment, 'appointment.cancelled')).toBe(0);
    const types = async (id: string) => (await clinic.deliveries(id)).map(({ event_type }) => event_type);
    expect(await types(all)).toEqual(['appointment.booked', 'appointment.cancelled']);
    expect(await types(some)).toEqual(['appointment.cancelled']);
    expect(await other.deliveries()).toEqual([]);
  });

  it('is signed with the old and the new secret while one is rotated, then with the new alone', async () => {
    const id = await clinic.addEndpoint({ url: receiver.url, secret });
    const rotated = newSecret();
    const both = `UPDATE webhook_endpoints SET sealed_secret = $3, previous_secret_until = now() + interval '1 hour'
      WHERE tenant_id = $1 AND id = $2`;
    await clinic.run(both, [id, sealer.seal(Buffer.from(rotated))]);
    const knowsNew = await open(rotated);
    const worker = work();
    const tell = async (to: WebhookReceiver) => {
      await clinic.run('UPDATE webhook_endpoints SET url = $2 WHERE tenant_id = $1', [to.url]);
      const count = to.received.length;
      await clinic.book();
      worker.wake();
      await until(() => to.received.length).toBe(count + 1);
      return to.received.at(-1)?.verified;
    };
    expect(await tell(receiver)).toBe(true);
    expect(await tell(knowsNew)).toBe(true);
    await clinic.run('UPDATE webhook_endpoints SET previous_secret_until = now() WHERE tenant_id = $1');
    expect(await tell(receiver)).toBe(false);
    expect(await tell(knowsNew)).toBe(true);
  });
});

describe('what is not taken', () => {
  it('comes again with the same id after seconds, and success ends the endpoint’s bad name', async () => {
    const endpoint = await clinic.addEndpoint({ url: receiver.url, secret });
    receiver.answer({ status: 500 });
    await clinic.book();
    const first = work();
    await until(() => states()).toEqual([['pending', 1, 500]]);
    // It does not come again while it is looked at.
    await first.stop();
    const [waiting] = await clinic.deliveries();
    expect(waiting?.due_in_seconds).toBeGreaterThan(1);
    expect(waiting?.due_in_seconds).toBeLessThan(7);
    expect(await clinic.endpoint(endpoint)).toMatchObject({ failing: true, paused: false });
    receiver.answer({ status: 201 });
    work();
    await until(() => states()).toEqual([['delivered', 2, 201]]);
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(1);
    expect(receiver.received.every(({ verified }) => verified)).toBe(true);
    await until(() => clinic.endpoint(endpoint)).toMatchObject({ failing: false });
  });

  it('is given up after ten attempts', async () => {
    const endpoint = await clinic.addEndpoint({ url: receiver.url, secret });
    receiver.answer({ status: 503 });
    await clinic.book();
    await clinic.run('UPDATE webhook_deliveries SET attempts = 8 WHERE tenant_id = $1');
    const worker = work();
    await until(() => states()).toEqual([['pending', 9, 503]]);
    await until(() => worker.metrics()).toContain('result="refused"');
    const before = await worker.metrics();
    await dueNow();
    worker.wake();
    await until(() => states()).toEqual([['failed', 10, 503]]);
    await until(async () =>
      firing('WebhooksNotDelivered', { before, now: await worker.metrics() }),
    ).toMatchObject([{ value: 1 }]);
    receiver.answer({ status: 204 });
    await clinic.book();
    worker.wake();
    await until(() => worker.metrics()).toContain('result="delivered"');
    const mended = await worker.metrics();
    await clinic.book();
    worker.wake();
    await until(async () => (await states()).map(([state]) => state)).toEqual([
      'failed',
      'delivered',
      'delivered',
    ]);
    expect(firing('WebhooksNotDelivered', { before: mended, now: await worker.metrics() })).toEqual([]);
    expect(await clinic.endpoint(endpoint)).toMatchObject({ paused: false });
  });

  it('pauses an endpoint that answers 410 as gone; what it was to be told waits', async () => {
    const endpoint = await clinic.addEndpoint({ url: receiver.url, secret });
    receiver.answer({ status: 410 });
    await clinic.book();
    const worker = work();
    await until(() => clinic.endpoint(endpoint)).toMatchObject({ paused: true, paused_reason: 'gone' });
    const later = await clinic.book();
    await dueNow();
    const other = await open();
    await clinic.addEndpoint({ url: other.url, secret });
    await clinic.book();
    worker.wake();
    await until(() => other.received.length).toBe(1);
    expect(receiver.received).toHaveLength(1);
    const told = await clinic.deliveries(endpoint);
    expect(told.map(({ state }) => state)).toEqual(['pending', 'pending', 'pending']);
    expect(told.some(({ entity_id }) => entity_id === later)).toBe(true);
    expect(worker.log.join('')).toContain('"reason":"gone"');
  });

  it('pauses an endpoint that has taken nothing for three days as failing', async () => {
    const endpoint = await clinic.addEndpoint({ url: receiver.url, secret });
    receiver.answer({ status: 500 });
    await clinic.book();
    const since = (hours: number) =>
      clinic.run(
        'UPDATE webhook_endpoints SET failing_since = now() - make_interval(hours => $2) WHERE tenant_id = $1',
        [hours],
      );
    await since(71);
    const worker = work();
    await until(() => states()).toEqual([['pending', 1, 500]]);
    expect(await clinic.endpoint(endpoint)).toMatchObject({ paused: false });
    await since(73);
    await dueNow();
    worker.wake();
    await until(() => clinic.endpoint(endpoint)).toMatchObject({ paused: true, paused_reason: 'failing' });
  });

  it('waits as long as a 429 asks, and so does all else for that endpoint', async () => {
    const endpoint = await clinic.addEndpoint({ url: receiver.url, secret });
    receiver.answer({ status: 429, headers: { 'retry-after': '3600' } });
    await clinic.book();
    const worker = work();
    await until(() => states()).toEqual([['pending', 1, 429]]);
    const [waiting] = await clinic.deliveries();
    expect(waiting?.due_in_seconds).toBeGreaterThan(3_590);
    expect(await clinic.endpoint(endpoint)).toMatchObject({ waits: true });
    const other = await open();
    await clinic.addEndpoint({ url: other.url, secret });
    await clinic.book();
    worker.wake();
    await until(() => other.received.length).toBe(1);
    expect(receiver.received).toHaveLength(1);
    await clinic.run('UPDATE webhook_endpoints SET not_before = now() WHERE tenant_id = $1');
    receiver.answer({ status: 204 });
    worker.wake();
    await until(() => receiver.received.length).toBe(2);
  });
});

it('a secret that this key does not open holds up no other endpoint, and is not held against its own', async () => {
  const sealedElsewhere = createSealer(randomBytes(32)).seal(Buffer.from(secret));
  const broken = await clinic.addEndpoint({ url: receiver.url, secret });
  await clinic.run('UPDATE webhook_endpoints SET sealed_secret = $2 WHERE tenant_id = $1', [sealedElsewhere]);
  const fine = await clinic.addEndpoint({ url: receiver.url, secret });
  await clinic.book();
  const worker = work();
  await until(() => states(fine)).toEqual([['delivered', 1, 204]]);
  await until(() => worker.log.join('')).toContain('"code":"seal_broken"');
  expect(await states(broken)).toEqual([['pending', 0, null]]);
  expect(await clinic.endpoint(broken)).toMatchObject({ paused: false, failing: false });
});

describe('order', () => {
  it('of one appointment is kept: what came later waits for what failed, and other appointments don’t', async () => {
    const endpoint = await clinic.addEndpoint({ url: receiver.url, secret });
    const appointment = await clinic.addAppointment();
    await clinic.change(appointment, 'appointment.booked');
    await clinic.change(appointment, 'appointment.rescheduled');
    await clinic.change(appointment, 'appointment.cancelled');
    receiver.answer(({ payload }) => ({
      status: JSON.stringify(payload).includes(appointment) ? 500 : 204,
    }));
    const worker = work();
    await until(() => receiver.received.length).toBe(1);
    const other = await clinic.book();
    worker.wake();
    await until(() => receiver.received.map(({ payload }) => versionOf(payload))).toContainEqual([other, 2]);
    const tried = async () => (await clinic.deliveries(endpoint)).filter(({ attempts }) => attempts > 0);
    await until(async () => (await tried()).map(({ event_type, state }) => [event_type, state])).toEqual([
      ['appointment.booked', 'pending'],
      ['appointment.booked', 'delivered'],
    ]);
    receiver.answer({ status: 204 });
    await dueNow();
    worker.wake();
    await until(async () => (await states()).every(([state]) => state === 'delivered')).toBe(true);
    const versions = receiver.received
      .map(({ payload }) => versionOf(payload))
      .filter(([id]) => id === appointment);
    // The first was tried again before the others were, and once more for each pause that passed meanwhile.
    const first = versions.splice(0, versions.length - 2).map(([, version]) => version);
    expect(first.length).toBeGreaterThanOrEqual(2);
    expect(new Set(first)).toEqual(new Set([2]));
    expect(versions.map(([, version]) => version)).toEqual([3, 4]);
  });

  it('and number stay right with several processes at work: each delivery arrives once', async () => {
    await clinic.addEndpoint({ url: receiver.url, secret });
    const appointments = await Promise.all(Array.from({ length: 12 }, () => clinic.book()));
    for (const appointment of appointments) await clinic.change(appointment, 'appointment.confirmed');
    for (let process = 0; process < 3; process += 1) work();
    await until(() => receiver.received.length).toBe(24);
    await until(async () =>
      (await states()).every(([state, attempts]) => state === 'delivered' && attempts === 1),
    ).toBe(true);
    for (const appointment of appointments) {
      const seen = receiver.received
        .map(({ payload }) => versionOf(payload))
        .filter(([id]) => id === appointment);
      expect(seen.map(([, version]) => version)).toEqual([2, 3]);
    }
    expect(receiver.received).toHaveLength(24);
  });
});

describe('a receiver that does not answer', () => {
  it('holds up no other, however much waits for it, and has two requests open at most', async () => {
    receiver.answer('nothing');
    const slow = await clinic.addEndpoint({ url: receiver.url, secret });
    for (let count = 0; count < 6; count += 1) await clinic.book();
    const worker = work({ concurrency: 6 });
    await until(() => receiver.open()).toBe(2);
    const quick = await open();
    const other = await makeClinic(database, api, sealer);
    await other.addEndpoint({ url: quick.url, secret });
    for (let count = 0; count < 10; count += 1) await other.book();
    worker.wake();
    await until(() => quick.received.length).toBe(10);
    expect(receiver.open()).toBe(2);
    expect(receiver.mostOpen()).toBe(2);
    expect((await clinic.deliveries(slow)).filter(({ state }) => state === 'delivered')).toEqual([]);
    await other.run('DELETE FROM webhook_endpoints WHERE tenant_id = $1');
  });

  it('leaves room for the others even where all the rest are failing', async () => {
    receiver.answer('nothing');
    for (let count = 0; count < 5; count += 1) await clinic.addEndpoint({ url: receiver.url, secret });
    await clinic.run('UPDATE webhook_endpoints SET failing_since = now() WHERE tenant_id = $1');
    for (let count = 0; count < 3; count += 1) await clinic.book();
    const worker = work({ concurrency: 4 });
    await until(() => receiver.open()).toBe(2);
    const quick = await open();
    const other = await makeClinic(database, api, sealer);
    await other.addEndpoint({ url: quick.url, secret });
    await other.book();
    worker.wake();
    await until(() => quick.received.length).toBe(1);
    expect(receiver.mostOpen()).toBe(2);
    await other.run('DELETE FROM webhook_endpoints WHERE tenant_id = $1');
  });
});

function versionOf(payload: unknown): [unknown, unknown] {
  const data: unknown = typeof payload === 'object' && payload !== null ? Reflect.get(payload, 'data') : null;
  if (typeof data !== 'object' || data === null) return [undefined, undefined];
  return [Reflect.get(data, 'appointment_id'), Reflect.get(data, 'version')];
}
