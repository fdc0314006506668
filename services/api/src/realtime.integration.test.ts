import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { randomCalls } from '@switchboard/testkit/random-calls';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { type ApiStack, password, startApiStack } from './testing/api-stack.ts';
import { type EventReader, logIn, readEvents } from './testing/client.ts';

/** Where it is about noon: today does not end while the tests count it. */
const zone = noonZone(new Date().getUTCHours());
const snapshot = z.object({
  watermark: z.number(),
  as_of: z.string(),
  freshness_ms: z.number(),
  period: z.object({ time_period: z.literal('today') }),
  voice_calls: z.object({ summary: z.record(z.string(), z.object({ value: z.number().nullable() })) }),
  now: z.object({ calls_in_progress: z.number() }),
  resumed: z.object({ from: z.string(), changed: z.boolean() }).optional(),
});
const path = '/api/v1/analytics/realtime';
let api: ApiStack;
let tenantId: string;
let otherTenantId: string;
let key: Record<string, string>;
const open: EventReader[] = [];
const listen = async (query: string, headers = key) => {
  const reader = await readEvents(`${api.url}${path}?${query}`, headers);
  open.push(reader);
  return reader;
};
const totalOf = (data: unknown) => snapshot.parse(data).voice_calls.summary.calls_total?.value;
let seed = 0;
/** Makes one more call of today visible, as the block worker would. */
async function addCall(of = tenantId): Promise<number> {
  seed += 1;
  const at = Date.now();
  await api.stateCalls(of, zone, randomCalls({ count: 1, seed, from: at - 1, to: at }));
  return api.finishBlock(of);
}

function noonZone(utcHour: number): string {
  const west = utcHour - 12;
  return `Etc/GMT${west < 0 ? west : `+${west}`}`;
}

beforeAll(async () => {
  api = await startApiStack(inject('engines'), { recheckMs: 200 });
  tenantId = await api.database.addTenant({ timeZone: zone });
  otherTenantId = await api.database.addTenant({ timeZone: zone });
  key = { 'x-api-key': await api.addKey(tenantId, ['analytics:read']) };
  await addCall();
});
afterEach(() => {
  for (const reader of open.splice(0)) reader.stop();
});
afterAll(() => api?.stop());

describe('the live stream', () => {
  test('begins with retry and a snapshot, whose id is the watermark', async () => {
    const reader = await listen('interval=300');
    const [first] = await reader.until(1);
    expect(reader.retry).toBe(3_000);
    expect(first?.event).toBe('snapshot');
    const { watermark } = snapshot.parse(first?.data);
    expect(first?.id).toBe(String(watermark));
    expect(watermark).toBeGreaterThan(0);
  });

  test('tells a change to live listeners soon, at most once a second, and with one query for all', async () => {
    const readers = await Promise.all(Array.from({ length: 5 }, () => listen('interval=live')));
    const [snapshots] = await Promise.all(readers.map((reader) => reader.until(1)));
    const before = totalOf(snapshots?.[0]?.data) ?? 0;
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const queries = api.queries();
    const watermark = await addCall();
    await Promise.all(readers.map((reader) => reader.until(2)));
    // Two queries read one snapshot, the sums and the distinct callers; ten would be one snapshot for each.
    expect(api.queries() - queries).toBeLessThan(10);
    for (const { events } of readers) {
      expect(events[1]).toMatchObject({ event: 'metrics', id: String(watermark) });
      expect(totalOf(events[1]?.data)).toBe(before + 1);
    }
    for (let index = 0; index < 5; index += 1) await addCall();
    const [reader] = readers;
    await expect.poll(() => totalOf(reader?.events.at(-1)?.data), { timeout: 15_000 }).toBe(before + 6);
    expect(reader?.events.length).toBeLessThan(2 + 6);
  });

  test('counts the calls in progress, but none whose end was lost', async () => {
    await api.database.admin.query(
      `INSERT INTO voice_calls (tenant_id, id, source, external_id, direction, status, began_at, merge_state)
       SELECT $1, gen_random_uuid(), 'zoice', 'live_' || n, 'inbound', s, now() - b, '{}'
       FROM unnest(ARRAY['ringing', 'in_progress', 'completed', 'in_progress'],
         ARRAY['1 minute', '2 hours', '1 minute', '5 hours']::interval[]) WITH ORDINALITY AS t (s, b, n)`,
      [tenantId],
    );
    await addCall();
    const [first] = await (await listen('interval=300')).until(1);
    expect(snapshot.parse(first?.data).now.calls_in_progress).toBe(2);
  });

  test('counts no call in progress of somebody who tries the system out', async () => {
    const tried = await api.database.addTenant({ timeZone: zone });
    await api.database.admin.query(
      `WITH who AS (INSERT INTO patients (tenant_id, id, origin, test_data)
         SELECT $1, gen_random_uuid(), 'desk', test FROM unnest('{true,false}'::boolean[]) AS test RETURNING id)
       INSERT INTO voice_calls (tenant_id, id, source, external_id, direction, status, began_at, patient_id, merge_state)
       SELECT $1, gen_random_uuid(), 'zoice', 'tried_' || id, 'inbound', 'in_progress', now(), id, '{}' FROM who`,
      [tried],
    );
    const reader = await listen('interval=300', { 'x-api-key': await api.addKey(tried, ['analytics:read']) });
    const [first] = await reader.until(1);
    expect(snapshot.parse(first?.data).now.calls_in_progress).toBe(1);
  });

  test('keeps its interval when nothing happens', async () => {
    const reader = await listen('interval=1');
    const events = await reader.until(3);
    expect(events.map(({ event }) => event)).toEqual(['snapshot', 'metrics', 'metrics']);
  });

  test('says after a break whether anything changed', async () => {
    const watermark = await addCall();
    const [first] = await (
      await listen('interval=300', { ...key, 'last-event-id': String(watermark) })
    ).until(1);
    expect(snapshot.parse(first?.data).resumed).toEqual({ from: String(watermark), changed: false });
    await addCall();
    // What is known may be a second old, like any answer.
    await expect
      .poll(
        async () => {
          const reader = await listen('interval=300', { ...key, 'last-event-id': String(watermark) });
          const [next] = await reader.until(1);
          reader.stop();
          return snapshot.parse(next?.data).resumed;
        },
        { timeout: 15_000 },
      )
      .toEqual({ from: String(watermark), changed: true });
  });

  test('tells nothing of another clinic', async () => {
    const other = { 'x-api-key': await api.addKey(otherTenantId, ['analytics:read']) };
    const reader = await listen('interval=live', other);
    const [first] = await reader.until(1);
    expect(totalOf(first?.data)).toBe(0);
    const ours = await listen('interval=live');
    await ours.until(1);
    await addCall();
    await ours.until(2);
    // Who was told of that one, too, would be told a second time now.
    const watermark = await addCall(otherTenantId);
    await reader.until(2);
    expect(reader.events[1]).toMatchObject({ event: 'metrics', id: String(watermark) });
    expect(totalOf(reader.events[1]?.data)).toBe(1);
  });

  test('ends when the right ends', async () => {
    await api.addUser(tenantId, 'agent@clinic.example', 'agent');
    const session = await logIn(api.url, 'agent@clinic.example', password);
    const { cookie = '' } = session.headers;
    const reader = await listen('interval=300', { cookie });
    await reader.until(1);
    await api.database.admin.query(
      `UPDATE users SET status = 'disabled' WHERE email = 'agent@clinic.example'`,
    );
    await reader.ended;
    expect(reader.events.at(-1)).toMatchObject({ event: 'end', data: { reason: 'not_allowed' } });
    expect((await fetch(`${api.url}${path}`, { headers: { cookie } })).status).toBe(401);
  });

  test.each(['0', '301', '1.5', 'never'])('an interval of %s is refused', async (interval) => {
    const response = await fetch(`${api.url}${path}?interval=${interval}`, { headers: key });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ errors: [{ location: 'query.interval' }] });
  });
});

test('streams end when the service stops, and stopping does not wait for them', async () => {
  const own = await startApiStack(inject('engines'));
  const tenant = await own.database.addTenant();
  const headers = { 'x-api-key': await own.addKey(tenant, ['analytics:read']) };
  await own.finishBlock(tenant);
  const reader = await readEvents(`${own.url}${path}?interval=live`, headers);
  await reader.until(1);
  await Promise.all([own.stop(), reader.ended]);
});

test('a connection that was never used does not hold up a stop, as browsers open them', async () => {
  const own = await startApiStack(inject('engines'));
  const accepted = once(own.app.server, 'connection');
  const unused = connect(Number(new URL(own.url).port), '127.0.0.1');
  await accepted;
  const received = text(unused);
  await own.stop();
  // Not even the 408 that Node sends a minute later.
  expect(await received).toBe('');
});
