import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { mergeAnswer, patientDetail, patientList } from '../patients/patient-schema.ts';
import type { TestClient } from '../testing/client.ts';
import { type ApiClinic, bodyOf, problemOf, startApiClinic } from '../testing/clinic.ts';
import { planted, storeCall } from '../testing/store-call.ts';
import { withoutIds } from '../testing/without-ids.ts';

let clinic: ApiClinic;
let asha: string;
let twin: string;
let foreign: string;
const lines: string[] = [];

beforeAll(async () => {
  clinic = await startApiClinic(inject('engines'), { log: (line) => lines.push(line) });
  asha = await addPatient(clinic.tenantId, 'Asha', 'O’Brien-Patil', '1979-05-06', '+919812345678');
  twin = await addPatient(clinic.tenantId, 'Aasha', 'Patil', null, '+919898989898');
  foreign = await addPatient(clinic.otherTenantId, 'Asha', 'Patil', '1984-03-09', '+919812345678');
  for (let digit = 0; digit < 9; digit += 1)
    await addPatient(clinic.tenantId, `Extra${digit}`, 'Person', '1990-01-01', `+91970000000${digit}`);
  await addRecords();
});
afterAll(() => clinic?.stop());

async function addPatient(tenant: string, first: string, last: string, born: string | null, phone: string) {
  const id = randomUUID();
  await clinic.database.admin.query(
    `INSERT INTO patients (tenant_id, id, first_name, last_name, date_of_birth, origin, source, external_id)
     VALUES ($1, $2, $3, $4, $5, 'clinic_system', 'emr', gen_random_uuid())`,
    [tenant, id, first, last, born],
  );
  await clinic.database.admin.query(
    `INSERT INTO patient_identifiers (tenant_id, patient_id, kind, value) VALUES ($1, $2, 'phone', $3)`,
    [tenant, id, phone],
  );
  return id;
}

/** One of each kind for Asha, an appointment each day, and one for her twin. */
async function addRecords(): Promise<void> {
  const call = await storeCall(clinic.database, clinic.tenantId, '2026-11-03T10:00:00+05:30');
  await clinic.run('UPDATE voice_calls SET patient_id = $2 WHERE tenant_id = $1 AND id = $3', [
    asha,
    call.id,
  ]);
  await clinic.run('UPDATE conversations SET patient_id = $2 WHERE tenant_id = $1', [asha]);
  await clinic.run(
    `INSERT INTO conversations (tenant_id, id, channel, patient_id, last_message_at) VALUES ($1, gen_random_uuid(), 'whatsapp', $2, '2026-11-02T10:00:00Z')`,
    [asha],
  );
  await clinic.run(
    `INSERT INTO journeys (tenant_id, id, journey_type, status, started_at, patient_id) VALUES ($1, gen_random_uuid(), 'recall', 'active', '2026-11-01T10:00:00Z', $2)`,
    [asha],
  );
  await clinic.run(
    `INSERT INTO appointments (tenant_id, id, status, starts_at, ends_at, channel, reason, patient_id)
     SELECT $1, gen_random_uuid(), 'completed', d, d + interval '20 minutes', 'desk', 'knee of Asha', $2
     FROM generate_series(timestamptz '2026-10-01T04:00:00Z', '2026-10-07T04:00:00Z', '1 day') AS d`,
    [asha],
  );
  await clinic.run(
    `INSERT INTO appointments (tenant_id, id, status, starts_at, ends_at, channel, patient_id)
     VALUES ($1, gen_random_uuid(), 'completed', '2026-10-20T04:00:00Z', '2026-10-20T04:20:00Z', 'desk', $2)`,
    [twin],
  );
}

const path = '/api/v1/patients';
const search = async (body: object) =>
  (await bodyOf(patientList, await clinic.agent.post(`${path}/search`, body))).patients.map(({ id }) => id);

describe('looking for a patient', () => {
  test.each([
    [{ name: 'brien' }, ['asha']],
    [{ name: 'pat ash' }, ['twin', 'asha']],
    [{ name: 'PATIL Aasha' }, ['twin']],
    [{ name: '%' }, []],
    [{ name: 'zz' }, []],
    [{ phone: '098123 45678' }, ['asha']],
    [{ phone: '+91 (98123) 456-78' }, ['asha']],
    [{ phone: '919812345678' }, ['asha']],
    [{ phone: '5678' }, ['asha']],
    [{ phone: '09812' }, ['asha']],
    [{ phone: '098 1234' }, ['asha']],
    [{ phone: '01234' }, []],
    [{ phone: '9898' }, ['twin']],
    [{ q: '000000000' }, []],
    [{ q: '05678' }, []],
    [{ q: '0091 98123' }, ['asha']],
    [{ date_of_birth: '1979-05-06' }, ['asha']],
    [{ date_of_birth: '1979-05-06', name: 'aasha' }, []],
    [{ q: 'brien' }, ['asha']],
    [{ q: '98123-45678' }, ['asha']],
    [{ q: '06/05/1979' }, ['asha']],
    [{ q: '1979-05-06' }, ['asha']],
    [{ q: '0000-01-01' }, []],
    [{ q: '01/01/0000' }, []],
  ] as const)('by %j', async (body, found) => {
    const ids: Record<string, string> = { asha, twin };
    expect(new Set(await search(body))).toEqual(new Set(found.map((name) => ids[name])));
    const query = new URLSearchParams(body);
    const { patients } = await bodyOf(patientList, await clinic.agent.get(`${path}?${query}`));
    expect(new Set(patients.map(({ id }) => id))).toEqual(new Set(found.map((name) => ids[name])));
  });

  test('by last digits that begin with zeros finds whose they are alone', async () => {
    const [one, ...others] = await search({ q: '0005' });
    const kept = await clinic.run(
      'SELECT value FROM patient_identifiers WHERE tenant_id = $1 AND patient_id = $2',
      [one],
    );
    expect([kept, others]).toEqual([[{ value: '+919700000005' }], []]);
  });

  test('pages follow each other without a gap, and tell how many there are', async () => {
    const pages = [];
    for (const offset of [0, 4, 8])
      pages.push(
        await bodyOf(
          patientList,
          await clinic.agent.post(`${path}/search`, { name: 'person', limit: 4, offset }),
        ),
      );
    expect(pages.map(({ pagination }) => pagination.total)).toEqual([9, 9, 9]);
    const names = pages.flatMap(({ patients }) => patients.map(({ first_name }) => first_name));
    expect(names).toEqual(Array.from({ length: 9 }, (_, digit) => `Extra${digit}`));
    const all = await bodyOf(patientList, await clinic.agent.get(`${path}?limit=100`));
    expect(all.pagination.total).toBe(all.patients.length);
    expect(all.patients.length).toBeGreaterThan(10);
  });

  test.each([
    ['phone=123', 'query.phone'],
    ['date_of_birth=1984-02-30', 'query.date_of_birth'],
    ['name=', 'query.name'],
    ['limit=0x1', 'query.limit'],
    ['tenant_id=1', 'query.tenant_id'],
  ])('%s is refused by name', async (query, location) => {
    expect(await problemOf(await clinic.agent.get(`${path}?${query}`))).toMatchObject({
      status: 422,
      errors: [{ location }],
    });
  });
});

describe('a patient', () => {
  test('has all that happened, latest first, page by page', async () => {
    const whole = await bodyOf(patientDetail, await clinic.owner.get(`${path}/${asha}?limit=100`));
    expect(whole).toMatchObject({
      first_name: 'Asha',
      date_of_birth: '1979-05-06',
      identifiers: [{ kind: 'phone', value: '+919812345678', patient_id: asha }],
      status: 'active',
    });
    expect(whole.timeline.items.map(({ kind }) => kind)).toEqual([
      'call',
      'conversation',
      'journey',
      ...Array(7).fill('appointment'),
    ]);
    const collected = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: typeof whole = await bodyOf(
        patientDetail,
        await clinic.owner.get(`${path}/${asha}?limit=3${cursor && `&cursor=${cursor}`}`),
      );
      collected.push(...page.timeline.items);
      cursor = page.timeline.next_cursor;
    }
    expect(collected).toEqual(whole.timeline.items);
    const some = await bodyOf(
      patientDetail,
      await clinic.owner.get(`${path}/${asha}?kind=call&kind=journey`),
    );
    expect(some.timeline.items.map(({ kind }) => kind)).toEqual(['call', 'journey']);
    for (const cursor of ['x', Buffer.from('{"at":1}').toString('base64url')])
      expect(await problemOf(await clinic.owner.get(`${path}/${asha}?cursor=${cursor}`))).toMatchObject({
        status: 422,
        errors: [{ location: 'query.cursor' }],
      });
  });

  test('is shown to an analyst without anything that tells who it is, and found by none', async () => {
    const response = await clinic.analyst.get(`${path}/${asha}`);
    const text = await response.text();
    const told = withoutIds(text);
    for (const secret of ['Asha', 'Brien', '1979', '98123', 'knee', planted.firstName])
      expect(told).not.toContain(secret);
    expect(patientDetail.parse(JSON.parse(text)).timeline.items).toHaveLength(10);
    expect((await clinic.analyst.get(`${path}?name=asha`)).status).toBe(403);
    expect((await clinic.analyst.get(path)).status).toBe(403);
    expect((await clinic.analyst.post(`${path}/search`, { name: 'asha' })).status).toBe(403);
  });

  test('has journeys whose kind is in words, which tell an analyst nothing', async () => {
    const kinds = ['Call Rohini', 'post_op'];
    for (const [day, kind] of kinds.entries())
      await clinic.run(
        `INSERT INTO journeys (tenant_id, id, journey_type, status, started_at, patient_id) VALUES ($1, gen_random_uuid(), $2, 'active', $3, $4)`,
        [kind, `2026-11-1${day}T10:00:00Z`, twin],
      );
    const titles = async (client: TestClient) =>
      (await bodyOf(patientDetail, await client.get(`${path}/${twin}?kind=journey`))).timeline.items.map(
        ({ title }) => title,
      );
    expect(await titles(clinic.agent)).toEqual(['post_op', 'Call Rohini']);
    expect(await titles(clinic.analyst)).toEqual(['post_op', null]);
    await clinic.run('DELETE FROM journeys WHERE tenant_id = $1 AND patient_id = $2', [twin]);
  });

  test('of another clinic is not there', async () => {
    for (const id of [foreign, randomUUID(), 'nonsense'])
      expect(await problemOf(await clinic.owner.get(`${path}/${id}`))).toMatchObject({ status: 404 });
    for (const [survivor, other] of [
      [asha, foreign],
      [foreign, asha],
    ] as const)
      for (const way of ['merge', 'unmerge'])
        expect((await clinic.owner.post(`${path}/${survivor}/${way}`, { patient_id: other })).status).toBe(
          404,
        );
    expect((await clinic.nobody.get(`${path}/${asha}`)).status).toBe(401);
  });
});

describe('a merge', () => {
  const change = (way: string, body: unknown, client = clinic.agent) =>
    client.post(`${path}/${asha}/${way}`, body, { origin: clinic.url });

  test('gives the records over, is found by the other’s name and phone, and is taken back', async () => {
    await clinic.newAudit();
    expect(await bodyOf(mergeAnswer, await change('merge', { patient_id: twin }))).toEqual({
      patient_id: asha,
      changed: true,
    });
    expect(await bodyOf(mergeAnswer, await change('merge', { patient_id: twin }))).toEqual({
      patient_id: asha,
      changed: false,
    });
    const survivor = await bodyOf(patientDetail, await clinic.agent.get(`${path}/${asha}`));
    expect(survivor.merged).toMatchObject([{ id: twin, first_name: 'Aasha', survivor_id: asha }]);
    expect(survivor.identifiers?.map(({ value, patient_id }) => [value, patient_id])).toEqual([
      ['+919812345678', asha],
      ['+919898989898', twin],
    ]);
    expect(survivor.timeline.items).toHaveLength(11);
    expect(await bodyOf(patientDetail, await clinic.agent.get(`${path}/${twin}`))).toMatchObject({
      status: 'merged',
      merged_into: asha,
      timeline: { items: [] },
    });
    for (const body of [{ name: 'aasha' }, { phone: '9898989898' }])
      expect(await search(body)).toEqual([asha]);
    expect(await bodyOf(mergeAnswer, await change('unmerge', { patient_id: twin }))).toMatchObject({
      changed: true,
    });
    const again = await bodyOf(patientDetail, await clinic.agent.get(`${path}/${twin}`));
    expect([again.status, again.timeline.items.length]).toEqual(['active', 1]);
    const written = await clinic.newAudit();
    expect(written.map(({ action }) => action).filter((action) => action.includes('merge'))).toEqual([
      'patient.merge',
      'patient.merge',
      'patient.unmerge',
    ]);
  });

  test('that can’t be is refused with the reason', async () => {
    expect(await problemOf(await change('merge', { patient_id: asha }))).toMatchObject({
      status: 422,
      errors: [{ location: 'body.patient_id' }],
    });
    expect(await problemOf(await change('unmerge', { patient_id: twin }))).toMatchObject({
      status: 409,
      code: 'patient_not_merged',
    });
    expect(await problemOf(await change('merge', {}))).toMatchObject({ status: 422 });
  });

  test('is for people of the desk, and from our own pages alone', async () => {
    const key = { 'x-api-key': await clinic.addKey(clinic.tenantId, ['admin', 'records:read']) };
    expect((await change('merge', { patient_id: twin }, clinic.analyst)).status).toBe(403);
    expect((await clinic.nobody.post(`${path}/${asha}/merge`, { patient_id: twin }, key)).status).toBe(403);
    const evil = { origin: 'https://evil.example' };
    expect(
      await problemOf(await clinic.owner.post(`${path}/${asha}/merge`, { patient_id: twin }, evil)),
    ).toMatchObject({ status: 403, code: 'foreign_origin' });
    expect((await clinic.owner.post(`${path}/search`, { name: 'asha' }, evil)).status).toBe(403);
    const twinNow = await bodyOf(patientDetail, await clinic.agent.get(`${path}/${twin}`));
    expect(twinNow.status).toBe('active');
  });
});

test('no line of the log or the audit has what was looked for', async () => {
  const marker = 'Zzyzx-Planted';
  lines.length = 0;
  await clinic.newAudit();
  await clinic.agent.get(`${path}?name=${marker}`);
  await clinic.agent.get(`${path}?nonsense=${marker}`);
  await clinic.agent.get(`/api/v1/search?q=${marker}`);
  await clinic.agent.get(`/api/v1/nowhere?q=${marker}`);
  await clinic.agent.post(`${path}/search`, { name: marker });
  // The log is written when the answer has left.
  await expect.poll(() => lines.length).toBeGreaterThanOrEqual(5);
  expect(lines.join('\n')).toContain('/api/v1/patients');
  expect(lines.join('\n')).not.toContain(marker);
  const written = await clinic.newAudit();
  expect(written.map(({ action }) => action)).toEqual(['patient.search', 'search', 'patient.search']);
  expect(JSON.stringify(written)).not.toContain(marker);
});
