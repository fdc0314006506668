import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { canaryTenantId } from '@switchboard/domain/canary';
import { firing } from '@switchboard/monitoring/firing';
import { createLogger, createMetrics, createSealer } from '@switchboard/platform';
import type { Rounds } from '@switchboard/platform/rounds';
import { createPool, type Pool } from '@switchboard/postgres';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { startCanary } from './canary.ts';

const secretsKey = randomBytes(32);
const sealer = createSealer(secretsKey);
const log: string[] = [];
const logger = createLogger({ service: 'test', level: 'warn' }, { write: (line) => log.push(line) });
const eventId = '01890000-0000-7000-8000-0000000000cc';
const bodies: string[] = [];
let answer = 202;
let database: TestDatabase;
let pool: Pool;
let canary: Rounds | undefined;
/** How often it was looked how far an event got. */
let looks = 0;

/** Ingest's door: what is not signed with the clinic's stored secret is refused. */
const door = createServer(async (request, response) => {
  const body = await text(request);
  const { rows } = await database.admin.query<{ sealed: Buffer }>(
    `SELECT s.sealed FROM tenant_webhook_secrets s JOIN tenants t ON t.id = s.tenant_id WHERE t.slug = $1`,
    [request.url?.split('/').at(-1)],
  );
  const secret = sealer.open(rows[0]?.sealed ?? Buffer.alloc(0)).toString();
  new Webhook(secret).verify(body, request.headers as Record<string, string>);
  bodies.push(body);
  response.writeHead(answer, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ status: 'accepted', event_id: eventId }));
});

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  pool = createPool({ url: database.urlAs('switchboard_sink'), applicationName: 'test', max: 2 });
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  await canary?.stop();
  bodies.length = 0;
  log.length = 0;
  answer = 202;
});
afterAll(async () => {
  door.close();
  await pool.end();
  await database.drop();
});

function start(everyMs: number, ahead = () => 0) {
  const metrics = createMetrics('jobs');
  const failed: string[] = [];
  const { port } = door.address() as AddressInfo;
  canary = startCanary({
    pool: new Proxy(pool, {
      get(target, name) {
        // What is only asked needs no connection of its own.
        if (name === 'connect') looks += 1;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    }),
    sealer,
    secretsKey,
    ingestUrl: `http://127.0.0.1:${port}`,
    everyMs,
    logger,
    metrics,
    failures: { inc: ({ job }) => void failed.push(job) },
    now: () => Date.now() + ahead(),
  });
  const render = async () => (await metrics.render()).body;
  const seen = async (line: RegExp) => Number(line.exec(await render())?.[1] ?? 0);
  return {
    render,
    failed,
    results: (result: string) =>
      seen(new RegExp(`^switchboard_canary_events_total\\{.*result="${result}".*\\} (\\d+)$`, 'm')),
    measured: () => seen(/^switchboard_canary_visible_seconds_count\{.*\} (\d+)$/m),
    age: () => seen(/^switchboard_canary_age_seconds\{.*\} (\S+)$/m),
  };
}

const until = (look: () => unknown) => expect.poll(look, { timeout: 20_000, interval: 20 });
/** Once an event's time runs: its body is here before that. */
const anotherLook = async () => {
  const before = looks;
  await until(() => looks).toBeGreaterThan(before);
};
const mark = () =>
  database.admin.query('INSERT INTO inbox (tenant_id, event_id) VALUES ($1, gen_random_uuid())', [
    canaryTenantId,
  ]);
const finishBlock = () =>
  database.admin.query(
    `INSERT INTO blocks (shard, number, state, tenants, rows, drained, as_of, done_at, created_at)
     VALUES (0, nextval('block_number'), 'done', $1, 1, true, now(), clock_timestamp(), clock_timestamp())`,
    [[canaryTenantId]],
  );

it('posts a call of nobody, signed, to a clinic of its own, and measures until a block with it is done', async () => {
  const seen = start(60_000);
  await until(() => bodies.length).toBe(1);
  expect(JSON.parse(bodies[0] ?? '')).toMatchObject({
    event: 'call.completed',
    call: { direction: 'inbound' },
  });
  expect(bodies[0]).not.toMatch(/"(from|to|name|turns)"/);
  // A block of before the event's effect says nothing of it.
  await finishBlock();
  await mark();
  for (let times = 0; times < 2; times += 1) await anotherLook();
  expect(await seen.measured()).toBe(0);
  await finishBlock();
  await until(seen.measured).toBe(1);
  expect(await seen.results('visible')).toBe(1);
});

it('one that does not come through before the next is due is lost: the age grows, and the log says how far it got', async () => {
  const told = () => log.map((line) => JSON.parse(line));
  const seen = start(300);
  await until(() => seen.results('lost')).toBeGreaterThan(0);
  expect(await seen.age()).toBeGreaterThan(0.2);
  expect(await seen.results('visible')).toBe(0);
  await until(told).toContainEqual(
    expect.objectContaining({ job: 'canary', event_id: eventId, stage: 'not taken' }),
  );
  await until(async () => {
    await mark();
    return told();
  }).toContainEqual(expect.objectContaining({ event_id: eventId, stage: 'taken' }));
});

it('is told apart when ingest refuses it', async () => {
  answer = 503;
  const seen = start(200);
  await until(() => seen.results('refused')).toBeGreaterThan(0);
  expect(seen.failed[0]).toBe('canary');
});

it('that none has come through for three minutes is told of, and that one takes long, until one comes as it should', async () => {
  let clock = 0;
  const seen = start(60_000, () => clock);
  const notVisible = async () => firing('EventsNotVisible', { now: await seen.render() });
  await until(() => bodies.length).toBe(1);
  await anotherLook();
  expect(await notVisible()).toEqual([]);
  clock = 181_000;
  await until(notVisible).toMatchObject([{ labels: { service: 'jobs' } }]);
  await until(() => seen.results('lost')).toBe(1);

  await until(() => bodies.length).toBe(2);
  await anotherLook();
  const before = await seen.render();
  clock += 7_000;
  await mark();
  await finishBlock();
  await until(seen.measured).toBe(1);
  const late = await seen.render();
  expect(firing('EventsVisibleLate', { before, now: late })).toHaveLength(1);
  expect(await notVisible()).toEqual([]);
  canary?.wake();
  await until(() => bodies.length).toBe(3);
  await mark();
  await finishBlock();
  await until(seen.measured).toBe(2);
  expect(firing('EventsVisibleLate', { before: late, now: await seen.render() })).toEqual([]);
});
