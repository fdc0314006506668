import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { allAnswered, inTransaction, lockTenant } from '@switchboard/postgres';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type ApiClinic, startApiClinic } from '../testing/clinic.ts';
import { addTwilioAccount, storeConversation } from '../testing/store-conversation.ts';

const now = Date.parse('2026-11-30T08:00:00+05:30');
const lines: string[] = [];
let clinic: ApiClinic;
const [practitioner, patient] = [randomUUID(), randomUUID()];

beforeAll(async () => {
  clinic = await startApiClinic(inject('engines'), { now: () => now, log: (line) => lines.push(line) });
  await addTwilioAccount(clinic.database, clinic.tenantId, '+912240001234');
  const location = randomUUID();
  for (const [sql, ...values] of [
    [
      `INSERT INTO locations (tenant_id, id, name, time_zone) VALUES ($1, $2, 'Bandra', 'Asia/Kolkata')`,
      location,
    ],
    [`INSERT INTO practitioners (tenant_id, id, display_name) VALUES ($1, $2, 'Dr. Mehta')`, practitioner],
    [
      `INSERT INTO practitioner_schedules (tenant_id, id, practitioner_id, location_id, weekday, starts, ends)
       SELECT $1, gen_random_uuid(), $2, $3, weekday, '09:00', '17:00' FROM generate_series(1, 7) AS weekday`,
      practitioner,
      location,
    ],
    [
      `INSERT INTO patients (tenant_id, id, first_name, origin) VALUES ($1, $2, 'Rohinibai', 'desk')`,
      patient,
    ],
  ] as const)
    await clinic.run(sql, values);
});
afterAll(() => clinic?.stop());

const appointments = () => clinic.run('SELECT id FROM appointments WHERE tenant_id = $1');
const sends = () => clinic.run('SELECT message_id FROM message_sends WHERE tenant_id = $1');
/** The API's connections to Postgres that are so. */
const connections = async (so: string) => {
  const rows = await clinic.run<{ pid: number }>(
    `SELECT pid, $1::uuid AS clinic FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'switchboard-api' AND ${so}`,
  );
  return rows.map(({ pid }) => pid);
};

/** Asks, while somebody else holds the clinic's lock, and goes before it is free: its connection is there for the next one. */
async function askAndGo(path: string, body: unknown): Promise<void> {
  const gone = new AbortController();
  const asked = new Promise<Socket>((resolve) =>
    clinic.app.server.once('request', (request: IncomingMessage) => resolve(request.socket)),
  );
  const used = await inTransaction(clinic.database.admin, async (client) => {
    await lockTenant(client, clinic.tenantId);
    await allAnswered(client);
    const asking = fetch(`${clinic.url}${path}`, {
      method: 'POST',
      headers: { ...clinic.agent.headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: gone.signal,
    });
    const refused = expect(asking).rejects.toThrow();
    const socket = await asked;
    await expect.poll(() => connections(`wait_event = 'advisory'`)).toHaveLength(1);
    const waiting = await connections(`wait_event = 'advisory'`);
    const closed = once(socket, 'close');
    gone.abort();
    await Promise.all([refused, closed]);
    // Before the lock is free.
    await expect.poll(() => connections(`state <> 'idle'`)).toEqual([]);
    return waiting;
  });
  expect(await connections(`state = 'idle'`)).toEqual(expect.arrayContaining(used));
}

test('who goes before a booking was made has booked nothing, and the next one has the time', async () => {
  const booking = { practitioner_id: practitioner, start: '2026-12-01T09:00:00+05:30', patient_id: patient };
  await askAndGo('/api/v1/appointments', booking);
  expect(await appointments()).toEqual([]);
  expect((await clinic.agent.post('/api/v1/appointments', booking)).status).toBe(200);
  expect(await appointments()).toHaveLength(1);
});

test('who goes before a message was queued has sent nothing, and sends it once by asking again', async () => {
  const row = await storeConversation(clinic.database, clinic.tenantId);
  await row.add({ body: 'Hello', minutesAgo: 5 });
  const path = `/api/v1/conversations/${row.id}/messages`;
  const template = { template: `HX${'1'.repeat(32)}`, variables: {} };
  await askAndGo(path, template);
  expect(await sends()).toEqual([]);
  expect((await clinic.agent.post(path, template)).status).toBe(201);
  expect(await sends()).toHaveLength(1);
});

test('nobody is told that a store is away because a client has gone', () => {
  expect(lines.join('\n')).not.toMatch(/store is away|request failed/);
});
