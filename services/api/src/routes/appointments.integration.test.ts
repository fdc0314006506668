import { randomUUID } from 'node:crypto';
import { createPool, lockTenant, type Pool } from '@switchboard/postgres';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { z } from 'zod';
import { appointmentList } from '../appointments/appointment-schema.ts';
import { createTestClient, type TestClient } from '../testing/client.ts';
import { type ApiClinic, bodyOf, problemOf, startApiClinic } from '../testing/clinic.ts';

let clinic: ApiClinic;
let sink: Pool;
let machine: TestClient;
let patient: string;
let practitioner: string;

beforeAll(async () => {
  clinic = await startApiClinic(inject('engines'));
  sink = createPool({ url: clinic.database.urlAs('switchboard_sink'), applicationName: 'test', max: 4 });
  machine = createTestClient(clinic.url, {
    'x-api-key': await clinic.addKey(clinic.tenantId, ['appointments:read', 'events:write']),
  });
  [patient, practitioner] = [randomUUID(), randomUUID()];
  await clinic.run(
    `INSERT INTO patients (tenant_id, id, first_name, last_name, origin, source, external_id) VALUES ($1, $2, 'Rohinibai', 'Patil', 'clinic_system', 'emr', 'P-77')`,
    [patient],
  );
  await clinic.run(`INSERT INTO practitioners (tenant_id, id, display_name) VALUES ($1, $2, 'Dr. Mehta')`, [
    practitioner,
  ]);
  for (let day = 1; day <= 9; day += 1)
    await add(clinic.tenantId, `2026-12-0${day}T04:00:00Z`, { code: `ABC${day}` });
  await add(clinic.tenantId, '2026-12-05T04:00:00Z', { status: 'held' });
  await add(clinic.tenantId, '2026-12-06T04:00:00Z', { status: 'cancelled', code: 'XYZ1' });
  await add(clinic.otherTenantId, '2026-12-05T04:00:00Z', { code: 'ABC5' });
});
afterAll(async () => {
  await sink?.end();
  await clinic?.stop();
});

const insert = `INSERT INTO appointments (tenant_id, id, status, starts_at, ends_at, channel, reason, hold_expires_at, confirmation_code, patient_id, practitioner_id)
  VALUES ($1, $2, $3, $4::timestamptz, $4::timestamptz + interval '20 minutes', 'desk', 'knee', $5, $6, $7, $8)`;
type Made = { status?: string; code?: string };
function rowOf(tenant: string, start: string, { status = 'scheduled', code }: Made = {}) {
  const id = randomUUID();
  const isOurs = tenant === clinic.tenantId;
  const held = status === 'held' ? '2026-12-01T00:00:00Z' : null;
  // A slot is not what is tested: each has its own practitioner but the first clinic's coded ones.
  return [
    id,
    [
      tenant,
      id,
      status,
      start,
      held,
      code ?? null,
      isOurs ? patient : null,
      isOurs && code && status === 'scheduled' ? practitioner : null,
    ],
  ] as const;
}
async function add(tenant: string, start: string, made: Made = {}): Promise<string> {
  const [id, values] = rowOf(tenant, start, made);
  await clinic.database.admin.query(insert, [...values]);
  return id;
}

const path = '/api/v1/appointments';
const list = async (query: string, client = clinic.owner) =>
  bodyOf(appointmentList, await client.get(`${path}?${query}`));

describe('appointments', () => {
  test('are listed by start, page by page, each once, though others are booked meanwhile', async () => {
    const ids: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: z.infer<typeof appointmentList> = await list(`limit=3${cursor && `&cursor=${cursor}`}`);
      ids.push(...page.appointments.map(({ id }) => id));
      cursor = page.next_cursor;
      // Before all that is still to come.
      await add(clinic.tenantId, '2026-11-01T04:00:00Z');
    }
    const expected = await clinic.run(
      `SELECT id FROM appointments WHERE tenant_id = $1 AND status <> 'held' AND starts_at > '2026-11-15' ORDER BY starts_at, id`,
    );
    expect(ids).toEqual(expected.map(({ id }) => id));
  });

  test.each([
    ['from=2026-12-01&status=cancelled', 1],
    ['from=2026-12-01&status=held', 1],
    ['from=2026-12-01&status=scheduled&status=cancelled', 10],
    ['from=2026-12-03&to=2026-12-04', 2],
    ['code=abc4', 1],
    ['from=2026-12-01&channel=voice', 0],
    ['from=2026-12-01&conflict=true', 0],
    [`from=2026-12-01&patient_id=${randomUUID()}`, 0],
  ])('%s', async (query, count) => {
    expect((await list(query)).appointments).toHaveLength(count);
  });

  test('by practitioner and patient, with names for those who may see them', async () => {
    const query = `practitioner_id=${practitioner}&patient_id=${patient}&limit=1`;
    const [one] = (await list(query)).appointments;
    expect(one).toMatchObject({
      patient: { id: patient, first_name: 'Rohinibai', external_id: 'P-77' },
      practitioner: { name: 'Dr. Mehta' },
      reason: 'knee',
      status: 'scheduled',
    });
    expect((await list(query, machine)).appointments[0]?.patient?.external_id).toBe('P-77');
    await clinic.run(
      `UPDATE appointments SET source = 'emr', external_id = 'P-78/2' WHERE tenant_id = $1 AND id = $2`,
      [one?.id],
    );
    expect((await list(query)).appointments[0]).toMatchObject({ source: 'emr', external_id: 'P-78/2' });
    const text = JSON.stringify(await list(query, clinic.analyst));
    for (const secret of ['Rohinibai', 'Patil', 'P-77', 'P-78', 'knee']) expect(text).not.toContain(secret);
  });

  test.each([
    'status=lost',
    'from=yesterday',
    'updated_since=2026-12-01',
    'limit=0',
    'cursor=zz',
    'tenant_id=1',
  ])('%s is refused by name', async (query) => {
    expect(await problemOf(await clinic.owner.get(`${path}?${query}`))).toMatchObject({
      status: 422,
      errors: [{ location: `query.${query.split('=')[0]}` }],
    });
  });

  test('are for staff and for keys with the scope, of one’s own clinic', async () => {
    expect((await clinic.nobody.get(path)).status).toBe(401);
    for (const scope of ['analytics:read', 'calls:read', 'events:write', 'voice:tools']) {
      const key = { 'x-api-key': await clinic.addKey(clinic.tenantId, [scope]) };
      expect([scope, (await clinic.nobody.get(path, key)).status]).toEqual([scope, 403]);
    }
    expect((await list('', clinic.stranger)).appointments).toHaveLength(1);
    expect((await list('code=ABC4', clinic.stranger)).appointments).toEqual([]);
    expect((await machine.get('/api/v1/calls')).status).toBe(403);
  });

  test.each([
    'x',
    '2026-13-01 00:00:00+00',
    '2026-02-31T00:00:00Z',
    '2026-01-01 25:00:00+00',
    '0000-01-01 00:00:00+00',
  ])('refuse a forged cursor that begins at %j', async (at) => {
    const cursor = Buffer.from(JSON.stringify({ at, id: clinic.tenantId })).toString('base64url');
    for (const route of [path, '/api/v1/match-reviews', `/api/v1/patients/${clinic.tenantId}`])
      expect([route, (await clinic.agent.get(`${route}?cursor=${cursor}`)).status]).toEqual([route, 422]);
  });

  test('show an analyst no confirmation code, nor whether there is one', async () => {
    const { appointments } = await list('', clinic.analyst);
    expect(appointments.map((one) => one.confirmation_code).filter((code) => code !== null)).toEqual([]);
    expect((await clinic.analyst.get(`${path}?code=ABC4`)).status).toBe(403);
  });
});

describe('who follows the changes', () => {
  /** All pages of what was written since. */
  async function follow(since: string, limit = 100) {
    const ids: string[] = [];
    let next = since;
    for (let cursor: string | null = ''; cursor !== null; ) {
      const query = `updated_since=${encodeURIComponent(since)}&limit=${limit}${cursor && `&cursor=${cursor}`}`;
      const page: z.infer<typeof appointmentList> = await list(query, machine);
      ids.push(...page.appointments.map(({ id }) => id));
      cursor = page.next_cursor;
      next = page.next_since ?? next;
    }
    return { ids, next };
  }

  test('gets everything, then only what is new', async () => {
    const first = await follow('2026-01-01T00:00:00Z', 2);
    const all = await clinic.run(`SELECT id FROM appointments WHERE tenant_id = $1 AND status <> 'held'`);
    expect(first.ids.toSorted()).toEqual(all.map(({ id }) => id).toSorted());
    expect(await follow(first.next)).toMatchObject({ ids: [] });
    const made = await add(clinic.tenantId, '2026-12-20T04:00:00Z');
    const changed = all[0]?.id;
    await clinic.run(`UPDATE appointments SET reason = 'else' WHERE tenant_id = $1 AND id = $2`, [changed]);
    const second = await follow(first.next);
    expect(second.ids).toEqual([made, changed]);
    expect(await follow(second.next)).toMatchObject({ ids: [] });
  });

  test('misses nothing that was begun before it asked and committed after', async () => {
    const { next: since } = await follow('2026-01-01T00:00:00Z');
    // Begins first, and waits for the lock behind nobody yet.
    const early = await sink.connect();
    const late = await sink.connect();
    try {
      const begin = async (client: typeof early) => {
        await client.query('BEGIN');
        await client.query(`SELECT set_config('app.tenant_id', $1, true)`, [clinic.tenantId]);
      };
      await begin(early);
      await begin(late);
      await lockTenant(late, clinic.tenantId);
      const [second, secondRow] = rowOf(clinic.tenantId, '2026-12-21T04:00:00Z');
      await late.query(insert, [...secondRow]);
      const asked = follow(since);
      // It waits for the writer, who was there first.
      await expect.poll(async () => (await clinic.database.admin.query(waiting)).rows[0]?.count).toBe(1);
      await late.query('COMMIT');
      const answer = await asked;
      expect(answer.ids).toEqual([second]);
      // Its transaction began long before, its write comes now.
      const [first, firstRow] = rowOf(clinic.tenantId, '2026-12-22T04:00:00Z');
      await lockTenant(early, clinic.tenantId);
      await early.query(insert, [...firstRow]);
      await early.query('COMMIT');
      expect((await follow(answer.next)).ids).toEqual([first]);
    } finally {
      early.release(true);
      late.release(true);
    }
  });

  test('misses nothing of a writer who forgets the lock', async () => {
    const { next: since } = await follow('2026-01-01T00:00:00Z');
    const client = await sink.connect();
    try {
      await client.query('BEGIN');
      await client.query(`SELECT set_config('app.tenant_id', $1, true)`, [clinic.tenantId]);
      const [id, row] = rowOf(clinic.tenantId, '2026-12-23T04:00:00Z');
      await client.query(insert, [...row]);
      const asked = follow(since);
      await expect.poll(async () => (await clinic.database.admin.query(waiting)).rows[0]?.count).toBe(1);
      await client.query('COMMIT');
      expect((await asked).ids).toEqual([id]);
    } finally {
      client.release(true);
    }
  });

  test('gets each of many, written by several at once while it asks', async () => {
    let { next: since } = await follow('2026-01-01T00:00:00Z');
    const got = new Set<string>();
    let done = false;
    const writing = Promise.all(
      Array.from({ length: 4 }, async () => {
        const made: string[] = [];
        for (let index = 0; index < 20; index += 1)
          made.push(await add(clinic.tenantId, '2027-01-01T04:00:00Z'));
        return made;
      }),
    ).finally(() => {
      done = true;
    });
    for (let last = false; !last; ) {
      last = done;
      const { ids, next } = await follow(since, 7);
      for (const id of ids) got.add(id);
      since = next;
    }
    expect([...got].toSorted()).toEqual((await writing).flat().toSorted());
  });

  const waiting = `SELECT count(*)::int AS count FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
});
