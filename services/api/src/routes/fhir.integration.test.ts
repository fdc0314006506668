import { randomUUID } from 'node:crypto';
import type { Appointment, Bundle } from 'fhir/r4.js';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { toFhirId } from '../fhir/present.ts';
import type { TestClient } from '../testing/client.ts';
import { type ApiClinic, startApiClinic } from '../testing/clinic.ts';
import { toSlotId } from '../voice-tools/slot-id.ts';

let clinic: ApiClinic;
const [practitioner, location, patient] = [randomUUID(), randomUUID(), randomUUID()];
const states = ['held', 'scheduled', 'confirmed', 'checked_in', 'completed', 'cancelled', 'no_show'];

beforeAll(async () => {
  const now = Date.parse('2026-11-30T08:00:00+05:30');
  clinic = await startApiClinic(inject('engines'), { now: () => now });
  await clinic.run(
    `INSERT INTO locations (tenant_id, id, name, time_zone) VALUES ($1, $2, 'Main', 'Asia/Kolkata')`,
    [location],
  );
  await clinic.run(
    `INSERT INTO practitioners (tenant_id, id, display_name, specialty) VALUES ($1, $2, 'Dr. Mehta', 'Cardiologist')`,
    [practitioner],
  );
  await clinic.run(
    `INSERT INTO practitioner_schedules (tenant_id, id, practitioner_id, location_id, weekday, starts, ends)
     SELECT $1, gen_random_uuid(), $2, $3, weekday, '09:00', '13:00' FROM generate_series(1, 7) AS weekday`,
    [practitioner, location],
  );
  await clinic.run(
    `INSERT INTO patients (tenant_id, id, first_name, last_name, origin) VALUES ($1, $2, 'Rohinibai', 'Patil', 'desk')`,
    [patient],
  );
  for (const [index, status] of states.entries())
    await clinic.run(
      `INSERT INTO appointments (tenant_id, id, patient_id, practitioner_id, status, starts_at, ends_at, channel, cancelled_by, hold_expires_at)
       VALUES ($1, gen_random_uuid(), $2, $3, $4, $5::timestamptz, $5::timestamptz + interval '30 minutes', 'desk', $6, $7)`,
      [
        status === 'held' ? null : patient,
        practitioner,
        status,
        new Date(Date.parse('2026-12-01T09:00:00+05:30') + index * 1_800_000),
        status === 'cancelled' ? 'patient' : null,
        status === 'held' ? '2026-12-31T00:00:00Z' : null,
      ],
    );
});
afterAll(() => clinic?.stop());

const read = async <T>(path: string): Promise<T> => {
  const response = await clinic.agent.get(`/fhir/r4/${path}`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^application\/fhir\+json/);
  return JSON.parse(await response.text());
};
const resources = (bundle: Bundle) => bundle.entry?.map(({ resource }) => resource) ?? [];

/** http://hl7.org/fhir/R4/appointment.html#invs */
function invariants({ participant, start, end, status, cancelationReason }: Appointment): string[] {
  const unplanned = ['proposed', 'cancelled', 'waitlist'].includes(status);
  return [
    participant.length > 0 &&
    participant.every(({ type, actor }) => type !== undefined || actor !== undefined)
      ? ''
      : 'app-1',
    (start === undefined) === (end === undefined) ? '' : 'app-2',
    (start !== undefined && end !== undefined) || unplanned ? '' : 'app-3',
    cancelationReason === undefined || status === 'cancelled' || status === 'noshow' ? '' : 'app-4',
  ].filter(Boolean);
}

test('appointments of a day and practitioner are told in FHIR’s states, and keep its rules', async () => {
  const bundle = await read<Bundle>(`Appointment?date=2026-12-01&practitioner=${practitioner}`);
  const found = resources(bundle).flatMap((one) => (one?.resourceType === 'Appointment' ? [one] : []));
  expect(found.map(({ status }) => status)).toEqual([
    'booked',
    'booked',
    'arrived',
    'fulfilled',
    'cancelled',
    'noshow',
  ]);
  for (const one of found) {
    expect(invariants(one)).toEqual([]);
    expect(await read<Appointment>(`Appointment/${one.id}`)).toEqual(one);
  }
  const held = await clinic.run<{ id: string }>(
    `SELECT id FROM appointments WHERE tenant_id = $1 AND status = 'held'`,
  );
  const pending = await read<Appointment>(`Appointment/${held[0]?.id}`);
  expect([pending.status, invariants(pending)]).toEqual(['pending', []]);
  expect(JSON.stringify(bundle)).not.toContain('Rohinibai');
});

test('slots are what is free, of a schedule that is there', async () => {
  const slots = resources(await read<Bundle>(`Slot?date=2026-12-01&practitioner=${practitioner}`));
  // Eight half hours; those that are over, cancelled or missed are free.
  expect(slots).toHaveLength(4);
  const first = z.looseObject({
    id: z.string(),
    status: z.literal('free'),
    schedule: z.object({ reference: z.string() }),
  });
  const { id, schedule } = first.parse(slots[0]);
  expect(await read(`Slot/${id}`)).toEqual(slots[0]);
  expect(await read(schedule.reference)).toMatchObject({ resourceType: 'Schedule', id: practitioner });
  expect(resources(await read<Bundle>('Schedule'))).toHaveLength(1);
  const setActive = (active: boolean) =>
    clinic.run('UPDATE practitioners SET active = $2 WHERE tenant_id = $1', [active]);
  await setActive(false);
  expect((await clinic.agent.get(`/fhir/r4/Slot/${id}`)).status).toBe(404);
  await setActive(true);
  const none = await read<Bundle>('Appointment?date=2031-01-01');
  expect([none.total, 'entry' in none]).toEqual([0, false]);
});

test('a search is told page by page, each linked to the next', async () => {
  const paged = async (first: string) => {
    const [ids, totals]: [string[], unknown[]] = [[], []];
    for (let path: string | undefined = first; path !== undefined; ) {
      const bundle: Bundle = await read<Bundle>(path);
      for (const { fullUrl, resource } of bundle.entry ?? []) {
        expect(fullUrl).toBe(`${clinic.url}/fhir/r4/${resource?.resourceType}/${resource?.id}`);
        ids.push(resource?.id ?? '');
      }
      totals.push(bundle.total);
      const links: Record<string, string> = Object.fromEntries(
        bundle.link?.map(({ relation, url }) => [relation, url]) ?? [],
      );
      expect(links.self).toBe(`${clinic.url}/fhir/r4/${path}`);
      path = links.next?.slice(`${clinic.url}/fhir/r4/`.length);
    }
    expect(new Set(ids).size).toBe(ids.length);
    return { count: ids.length, pages: totals.length, totals };
  };
  const whole = { count: 6, pages: 1, totals: [6] };
  expect(await paged('Appointment?date=2026-12-01')).toEqual(whole);
  expect(await paged('Appointment?date=2026-12-01&_count=4')).toMatchObject({ count: 6, pages: 2 });
  expect(await paged('Slot?date=ge2026-12-01&date=lt2026-12-03&_count=5')).toMatchObject({
    count: 12,
    pages: 3,
  });
  expect(await paged('Schedule?_count=1')).toMatchObject({ count: 1, pages: 1, totals: [1] });
});

test('is searched by dates with prefixes, by references, and by FHIR’s states', async () => {
  const count = async (path: string) => resources(await read<Bundle>(path)).length;
  const appointments: [string, number][] = [
    ['date=ge2026-12-01T10:30:00%2B05:30', 4],
    ['date=gt2026-12-01', 0],
    ['date=le2026-12-01&date=ge2026-11-30', 6],
    [`date=2026-12-01&practitioner=Practitioner/${practitioner}`, 6],
    [`date=2026-12-01&actor=Practitioner/${randomUUID()}`, 0],
    [`patient=Patient/${patient}`, 6],
    ['date=2026-12-01&status=booked,arrived', 3],
    ['date=2026-12-01&status=pending', 1],
  ];
  for (const [query, found] of appointments)
    expect([query, await count(`Appointment?${query}`)]).toEqual([query, found]);
  const slots: [string, number][] = [
    ['start=2026-12-01', 4],
    ['start=ge2026-12-02T11:00:00%2B05:30&start=lt2026-12-02T12:00:00%2B05:30', 2],
    [`start=2026-12-02&schedule=Schedule/${practitioner}&status=free`, 8],
    ['start=2026-12-02&status=busy', 0],
    ['start=lt2026-11-29', 0],
  ];
  for (const [query, found] of slots) expect([query, await count(`Slot?${query}`)]).toEqual([query, found]);
});

test('every id is one of FHIR’s', async () => {
  const bundles = await Promise.all(
    ['Slot?date=ge2026-12-02&_count=200', 'Appointment?date=2026-12-01', 'Schedule'].map((path) =>
      read<Bundle>(path),
    ),
  );
  for (const one of bundles.flatMap(resources)) expect(one?.id).toMatch(/^[A-Za-z0-9\-.]{1,64}$/);
});

test('what is wrong is told as an OperationOutcome', async () => {
  const beyondCalendars = toSlotId({ practitionerId: practitioner, typeId: null, from: 0xffffffff * 60_000 });
  const asked: [string, number, string, TestClient][] = [
    ['Slot/nonsense', 404, 'not-found', clinic.agent],
    [`Slot/${toFhirId(beyondCalendars)}`, 404, 'not-found', clinic.agent],
    [`Appointment/${randomUUID()}`, 404, 'not-found', clinic.agent],
    ['Appointment?date=soon', 422, 'invalid', clinic.agent],
    ['Appointment?colour=red', 422, 'invalid', clinic.agent],
    ['Slot', 401, 'login', clinic.nobody],
    ['Patient', 404, 'not-found', clinic.agent],
  ];
  for (const [path, status, code, client] of asked) {
    const response = await client.get(`/fhir/r4/${path}`);
    expect([path, response.status, response.headers.get('content-type')]).toEqual([
      path,
      status,
      expect.stringMatching(/^application\/fhir\+json/),
    ]);
    expect(await response.json()).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ severity: 'error', code, diagnostics: expect.any(String) }],
    });
  }
});

test('other clinics’ are not there, and nobody reads without a right', async () => {
  expect((await clinic.stranger.get(`/fhir/r4/Schedule/${practitioner}`)).status).toBe(404);
  expect((await clinic.stranger.get('/fhir/r4/Slot/nonsense')).status).toBe(404);
  expect((await clinic.nobody.get('/fhir/r4/Slot')).status).toBe(401);
});
