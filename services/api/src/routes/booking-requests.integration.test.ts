import { randomUUID } from 'node:crypto';
import { allAnswered, inTransaction, lockTenant } from '@switchboard/postgres';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { bookingRequest, requestList } from '../appointments/request-schema.ts';
import { type ApiClinic, bodyOf, problemOf, startApiClinic } from '../testing/clinic.ts';

let clinic: ApiClinic;
const path = '/api/v1/booking-requests';
const [appointment, patient] = [randomUUID(), randomUUID()];

beforeAll(async () => {
  clinic = await startApiClinic(inject('engines'));
  await clinic.run(
    `INSERT INTO patients (tenant_id, id, first_name, origin) VALUES ($1, $2, 'Rohinibai', 'desk')`,
    [patient],
  );
  await clinic.run(
    `INSERT INTO appointments (tenant_id, id, status, starts_at, ends_at, channel)
     VALUES ($1, $2, 'scheduled', '2026-12-01T04:00:00Z', '2026-12-01T04:30:00Z', 'desk')`,
    [appointment],
  );
});
afterAll(() => clinic?.stop());

async function add(): Promise<string> {
  const id = randomUUID();
  await clinic.run(
    `INSERT INTO booking_requests (tenant_id, id, kind, channel, patient_id, reason, wanted)
     VALUES ($1, $2, 'book', 'voice', $3, 'slot_taken', '{"date": "2026-12-01"}')`,
    [id, patient],
  );
  return id;
}

test('a request is taken by one, offered a time, and done; another is declined', async () => {
  const [first, second] = [await add(), await add()];
  const page = await bodyOf(requestList, await clinic.agent.get(`${path}?limit=1`));
  const rest = await bodyOf(requestList, await clinic.agent.get(`${path}?cursor=${page.next_cursor}`));
  expect([...page.requests, ...rest.requests].map(({ id }) => id)).toEqual([first, second]);
  expect(page.requests[0]).toMatchObject({ reason: 'slot_taken', patient: { first_name: 'Rohinibai' } });

  await clinic.newAudit();
  const taken = await bodyOf(bookingRequest, await clinic.agent.post(`${path}/${first}/take`));
  expect(taken.taken_by).not.toBeNull();
  expect(await problemOf(await clinic.manager.post(`${path}/${first}/take`))).toMatchObject({
    status: 409,
    code: 'request_taken',
  });
  const body = { appointment_id: appointment };
  expect((await clinic.agent.post(`${path}/${first}/propose`, { appointment_id: randomUUID() })).status).toBe(
    404,
  );
  expect(
    await bodyOf(bookingRequest, await clinic.agent.post(`${path}/${first}/propose`, body)),
  ).toMatchObject({
    state: 'open',
    appointment_id: appointment,
  });
  expect(await bodyOf(bookingRequest, await clinic.agent.post(`${path}/${first}/fulfil`, {}))).toMatchObject({
    state: 'fulfilled',
    appointment_id: appointment,
  });
  expect(await problemOf(await clinic.agent.post(`${path}/${first}/decline`))).toMatchObject({
    code: 'request_closed',
  });
  expect(await bodyOf(bookingRequest, await clinic.agent.post(`${path}/${second}/decline`))).toMatchObject({
    state: 'dismissed',
  });
  expect((await clinic.newAudit()).map(({ action }) => action)).toEqual(
    ['take', 'propose', 'fulfil', 'decline'].map((kind) => `booking_request.${kind}`),
  );
});

test('what nobody took in time is open no more, and is again for who takes it', async () => {
  const [over, taken] = [await add(), await add()];
  await clinic.agent.post(`${path}/${taken}/take`);
  await clinic.run(`UPDATE booking_requests SET expires_at = now() WHERE tenant_id = $1 AND id = ANY ($2)`, [
    [over, taken],
  ]);
  const ids = async (state: string) => {
    const { requests } = await bodyOf(requestList, await clinic.agent.get(`${path}?state=${state}`));
    return requests.filter((one) => one.state === state).map(({ id }) => id);
  };
  expect(await ids('expired')).toEqual([over]);
  expect(await ids('open')).toEqual([taken]);
  await clinic.agent.post(`${path}/${over}/take`);
  expect(await ids('expired')).toEqual([]);
  expect(await ids('open')).toEqual([over, taken]);
  for (const id of [over, taken]) await clinic.agent.post(`${path}/${id}/decline`);
});

test('a request is offered a time while its call is settled, which locks the same the other way round', async () => {
  const id = await add();
  const settling = await inTransaction(clinic.database.admin, async (client) => {
    await lockTenant(client, clinic.tenantId);
    await allAnswered(client);
    await client.query('SELECT FROM booking_requests WHERE tenant_id = $1 AND id = $2 FOR UPDATE', [
      clinic.tenantId,
      id,
    ]);
    const offered = clinic.agent.post(`${path}/${id}/propose`, { appointment_id: appointment });
    await expect
      .poll(() =>
        clinic.run(
          `SELECT $1::uuid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'switchboard-api'
             AND wait_event_type = 'Lock'`,
        ),
      )
      .toHaveLength(1);
    await client.query('SELECT FROM appointments WHERE tenant_id = $1 AND id = $2 FOR UPDATE', [
      clinic.tenantId,
      appointment,
    ]);
    return { offered };
  });
  expect((await settling.offered).status).toBe(200);
  await clinic.agent.post(`${path}/${id}/decline`);
});

test('requests are of the clinic, and show an analyst neither names nor what was said', async () => {
  const id = await add();
  expect((await clinic.stranger.post(`${path}/${id}/take`)).status).toBe(404);
  expect((await clinic.analyst.post(`${path}/${id}/take`)).status).toBe(403);
  const { requests } = await bodyOf(requestList, await clinic.analyst.get(path));
  expect(requests).toMatchObject([{ wanted: {}, patient: { first_name: null } }]);
});
