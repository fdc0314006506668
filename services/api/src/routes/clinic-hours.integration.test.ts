import { randomUUID } from 'node:crypto';
import { zonedIso } from '@switchboard/domain/periods/zone';
import { allAnswered, inTransaction, lockTenant } from '@switchboard/postgres';
import type { Bundle } from 'fhir/r4.js';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { appointment } from '../appointments/appointment-schema.ts';
import { appointmentType, appointmentTypes } from '../settings/appointment-types-schema.ts';
import * as answers from '../settings/hours-answers.ts';
import { createTestClient, type TestClient } from '../testing/client.ts';
import { type ApiClinic, bodyOf, problemOf, startApiClinic } from '../testing/clinic.ts';
import { addPatient, addPractitioner, useTool } from '../voice-tools/testing/tool-clinic.ts';

const settings = '/api/v1/settings';
const monday = '2026-11-30';
const date = '2026-12-01';

let clinic: ApiClinic;
let voice: TestClient;
let patient: string;
let practitioner: string;
let location: string;

beforeAll(async () => {
  const now = Date.parse(`${monday}T08:00:00+05:30`);
  clinic = await startApiClinic(inject('engines'), { now: () => now });
  const key = await clinic.addKey(clinic.tenantId, ['voice:tools']);
  voice = createTestClient(clinic.url, { 'x-api-key': key });
  patient = await addPatient(clinic, ['Kavita', 'Rao', '1984-03-09', '+919820012345']);
});
afterAll(() => clinic?.stop());

/** Each test has a practitioner of its own, who is there each day from nine to five. */
beforeEach(async () => {
  await clinic.run('DELETE FROM appointments WHERE tenant_id = $1');
  for (const table of ['clinic_holidays', 'appointment_types'])
    await clinic.run(`DELETE FROM ${table} WHERE tenant_id = $1`);
  await clinic.run('UPDATE practitioners SET active = false WHERE tenant_id = $1');
  practitioner = await addPractitioner(clinic, 'Dr. Mehta');
  const [row] = await clinic.run<{ location_id: string }>(
    'SELECT location_id FROM practitioner_schedules WHERE tenant_id = $1 AND practitioner_id = $2',
    [practitioner],
  );
  location = row?.location_id ?? '';
});

const put = (path: string, body: unknown, client = clinic.manager) =>
  client.send('PUT', `${settings}/${path}`, body);
const remove = (path: string) => clinic.manager.send('DELETE', `${settings}/${path}`);

/** When the free slots of a date begin, by the clinic's clocks. */
async function free(on = date, of = practitioner): Promise<string[]> {
  const response = await clinic.agent.get(`/fhir/r4/Slot?date=${on}&practitioner=${of}`);
  expect(response.status).toBe(200);
  const bundle: Bundle = JSON.parse(await response.text());
  return (bundle.entry ?? []).flatMap(({ resource }) => {
    if (resource?.resourceType !== 'Slot') return [];
    const start = zonedIso(Date.parse(resource.start), 'Asia/Kolkata');
    return start.startsWith(on) ? [start.slice(11, 16)] : [start];
  });
}
const book = (time: string, on = date, of = practitioner) =>
  clinic.agent.post('/api/v1/appointments', {
    practitioner_id: of,
    patient_id: patient,
    start: `${on}T${time}:00+05:30`,
  });
const booked = async (time: string, on = date) => bodyOf(appointment, await book(time, on));
const refused = async (time: string, code: string, on = date) =>
  expect(await problemOf(await book(time, on))).toMatchObject({ status: 409, code });
const stands = async (id: string) =>
  expect((await bodyOf(appointment, await clinic.agent.get(`/api/v1/appointments/${id}`))).status).toBe(
    'scheduled',
  );

const affected = async (response: Response) =>
  z.object({ appointments_affected: z.number() }).parse(await response.json()).appointments_affected;

/** A visit of an hour that the clinic's system told, and not where it is. */
const addVisit = (starts: string) =>
  clinic.run(
    `INSERT INTO appointments (tenant_id, id, practitioner_id, status, starts_at, ends_at, channel, source, external_id)
     VALUES ($1, gen_random_uuid(), $2, 'scheduled', $3::timestamptz, $3::timestamptz + interval '1 hour', 'desk', 'clinic', gen_random_uuid())`,
    [practitioner, `${starts}:00+05:30`],
  );

describe('kinds of visits', () => {
  const path = `${settings}/appointment-types`;
  const checkUp = {
    name: 'Check-up',
    duration_minutes: 45,
    buffer_before_minutes: 5,
    buffer_after_minutes: 10,
  };

  test('of one name but for case and spaces are one', async () => {
    await bodyOf(appointmentType, await clinic.owner.post(path, { ...checkUp, name: 'Check  up' }));
    expect(await problemOf(await clinic.owner.post(path, { ...checkUp, name: 'check up' }))).toMatchObject({
      status: 409,
      code: 'name_taken',
    });
  });

  test('make slots of their length, with their buffers, no sooner than their lead time', async () => {
    const made = await bodyOf(
      appointmentType,
      await clinic.owner.post(path, { ...checkUp, lead_time_minutes: 1_560 }),
    );
    expect(made).toMatchObject({ ...checkUp, lead_time_minutes: 1_560, active: true, external_id: null });
    // A day and two hours from now is ten o'clock.
    const slots = ['10:00', '11:00', '12:00', '13:00', '14:00', '15:00', '16:00'];
    expect(await free()).toEqual(slots);
    const heard = await useTool(voice, 'available-slots', {
      practitioner_id: practitioner,
      date_from: date,
      date_to: date,
      limit: 10,
    });
    expect(heard.slots?.map(({ start }) => start.slice(11, 16))).toEqual(slots);
    const soon = await useTool(voice, 'book-appointment', {
      call_id: randomUUID(),
      practitioner_id: practitioner,
      start: `${date}T09:30:00+05:30`,
      patient: { first_name: 'Kavita', last_name: 'Rao', phone: '+919820012345' },
    });
    expect(soon).toMatchObject({ ok: false, code: 'TOO_SOON' });
    const visit = await booked('11:00');
    expect([visit.start, visit.end].map((at) => Date.parse(at))).toEqual(
      ['11:00', '11:45'].map((at) => Date.parse(`${date}T${at}:00+05:30`)),
    );
    await refused('11:50', 'slot_taken');

    const put = (body: unknown) => clinic.manager.send('PUT', `${path}/${made.id}`, body);
    for (let time = 0; time < 2; time += 1)
      expect(
        await bodyOf(appointmentType, await put({ name: 'Check-up', duration_minutes: 240 })),
      ).toMatchObject({
        duration_minutes: 240,
        buffer_before_minutes: 0,
        lead_time_minutes: 0,
      });
    expect(await free(monday)).toEqual(['09:00', '13:00']);
    await stands(visit.id);

    const retired = await bodyOf(appointmentType, await clinic.manager.send('DELETE', `${path}/${made.id}`));
    expect(retired.active).toBe(false);
    expect(await free(monday)).toHaveLength(16);
    expect(await problemOf(await clinic.owner.post(path, checkUp))).toMatchObject({
      status: 409,
      code: 'name_taken',
      errors: [{ location: 'body.name' }],
    });
    await put(checkUp);
    const list = await bodyOf(appointmentTypes, await clinic.owner.get(path));
    expect(list.appointment_types).toMatchObject([{ ...checkUp, id: made.id, active: true }]);
  });

  test('that are retired are as long as the slots of the hours after that, too, where nobody told how long they are', async () => {
    const kind = randomUUID();
    await clinic.database.admin.query(
      `INSERT INTO appointment_types (tenant_id, id, name, duration_minutes, duration_told) VALUES ($1, $2, 'Told', 30, false)`,
      [clinic.tenantId, kind],
    );
    const retired = await remove(`appointment-types/${kind}`);
    expect(await bodyOf(appointmentType, retired)).toMatchObject({ active: false });
    const { rows } = await clinic.database.admin.query(
      'SELECT duration_told, active FROM appointment_types WHERE id = $1',
      [kind],
    );
    expect(rows).toEqual([{ duration_told: false, active: false }]);
  });

  test('that are retired while a call’s booking waits are not what it books', async () => {
    const [kind, other] = [randomUUID(), randomUUID()];
    await clinic.run(
      `INSERT INTO appointment_types (tenant_id, id, name, duration_minutes)
       VALUES ($1, $2, 'Consultation', 30), ($1, $3, 'Health check', 30)`,
      [kind, other],
    );
    const underWay = () =>
      clinic.run(
        `SELECT $1::uuid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'switchboard-api'
           AND wait_event = 'advisory'`,
      );
    const asking = await inTransaction(clinic.database.admin, async (client) => {
      await lockTenant(client, clinic.tenantId);
      await allAnswered(client);
      const asked = useTool(voice, 'book-appointment', {
        call_id: randomUUID(),
        practitioner_id: practitioner,
        start: `${date}T09:00:00+05:30`,
        patient: { first_name: 'Kavita', last_name: 'Rao', phone: '+919820012345' },
      });
      await expect.poll(underWay).toHaveLength(1);
      await client.query('UPDATE appointment_types SET active = false WHERE tenant_id = $1 AND id = $2', [
        clinic.tenantId,
        kind,
      ]);
      return { asked };
    });
    expect(await asking.asked).toMatchObject({ code: 'BOOKED' });
    expect(
      await clinic.run('SELECT appointment_type_id AS kind FROM appointments WHERE tenant_id = $1'),
    ).toEqual([{ kind: other }]);
  });

  test('that the clinic’s system tells get their length here', async () => {
    const [one, other] = [randomUUID(), randomUUID()];
    for (const id of [one, other])
      await clinic.run(
        `INSERT INTO appointment_types (tenant_id, id, name, duration_minutes, external_id, source) VALUES ($1, $2, 'Consultation', 30, $3, 'clinic')`,
        [id, `T-${id}`],
      );
    const body = { name: 'Consultation', duration_minutes: 60 };
    const changed = await clinic.manager.send('PUT', `${path}/${one}`, body);
    expect(await bodyOf(appointmentType, changed)).toMatchObject({ ...body, external_id: `T-${one}` });
    const renamed = await clinic.manager.send('PUT', `${path}/${one}`, { ...body, name: 'consultation' });
    expect(await problemOf(renamed)).toMatchObject({ status: 409, code: 'name_taken' });
  });

  test.each([
    [{ name: 'X' }, 'body.duration_minutes'],
    [{ ...checkUp, duration_minutes: 0 }, 'body.duration_minutes'],
    [{ ...checkUp, duration_minutes: 1_441 }, 'body.duration_minutes'],
    [{ ...checkUp, buffer_after_minutes: -1 }, 'body.buffer_after_minutes'],
    [{ ...checkUp, lead_time_minutes: 1e6 }, 'body.lead_time_minutes'],
    [{ ...checkUp, name: ' ' }, 'body.name'],
    [{ ...checkUp, colour: 'red' }, 'body.colour'],
  ])('%j is refused by name', async (body, location) => {
    expect(await problemOf(await clinic.owner.post(path, body))).toMatchObject({
      status: 422,
      errors: [{ location, fix: expect.any(String) }],
    });
  });
});

describe('holidays', () => {
  test('close the clinic on a date, and leave what stands there to its people', async () => {
    const { id } = await booked('10:00');
    await booked('10:00', '2026-12-02');
    const closed = await bodyOf(
      answers.changedHoliday,
      await put(`holidays/${date}`, { closures: [{ name: 'Founder’s day' }] }),
    );
    expect(closed).toEqual({
      date,
      closures: [{ name: 'Founder’s day', location_id: null, starts: '00:00', ends: '24:00' }],
      appointments_affected: 1,
    });
    expect(await free()).toEqual([]);
    await refused('14:00', 'outside_hours');
    const heard = await useTool(voice, 'available-slots', {
      practitioner_id: practitioner,
      date_from: date,
      date_to: date,
    });
    expect(heard.slots?.filter(({ start }) => start.startsWith(date))).toEqual([]);
    await stands(id);
    const listed = await clinic.owner.get(`${settings}/holidays?from=2026-11-01&to=2026-12-31`);
    expect((await bodyOf(answers.holidays, listed)).holidays).toEqual([{ date, closures: closed.closures }]);

    expect((await remove(`holidays/${date}`)).status).toBe(204);
    expect((await remove(`holidays/${date}`)).status).toBe(404);
    expect(await free()).toHaveLength(15);
  });

  test('may be a part of the day, or of one location', async () => {
    const other = await addPractitioner(clinic, 'Dr. Iyer');
    await booked('10:00');
    await booked('14:00');
    const half = { closures: [{ location_id: location, starts: '12:00' }] };
    for (let time = 0; time < 2; time += 1)
      expect(await bodyOf(answers.changedHoliday, await put(`holidays/${date}`, half))).toMatchObject({
        closures: [{ starts: '12:00', ends: '24:00' }],
        appointments_affected: 1,
      });
    expect(await free()).toEqual(['09:00', '09:30', '10:30', '11:00', '11:30']);
    await refused('15:00', 'outside_hours');
    expect(await free(date, other)).toHaveLength(16);
  });

  test('count what was booked for the night that begins on them, and not the next day’s', async () => {
    const night = { location_id: location, weekday: 2, starts: '22:00', ends: '02:00' };
    await put(`practitioners/${practitioner}/hours`, { hours: [night] });
    await booked('00:30', '2026-12-02');
    await addVisit('2026-12-02T10:00');
    const leave = (body: object) => put(`practitioners/${practitioner}/exceptions`, { from: date, ...body });
    const holiday = () => put(`holidays/${date}`, { closures: [{ location_id: location }] });
    const count = async (change: Promise<Response>) => affected(await change);
    expect(await count(leave({ closed: [{}] }))).toBe(1);
    expect(await free('2026-12-02')).toEqual([]);
    const open = [{ location_id: location, starts: '09:00', ends: '10:00' }];
    expect(await count(leave({ open, instead_of_weekly: true }))).toBe(1);
    await remove(`practitioners/${practitioner}/exceptions?from=${date}`);
    expect(await count(holiday())).toBe(1);
    // Who works from midnight on, too, is there.
    await clinic.run(
      `INSERT INTO practitioner_schedules (tenant_id, id, practitioner_id, location_id, weekday, starts, ends, schedule_id)
       VALUES ($1, gen_random_uuid(), $2, $3, 3, '00:00', '01:00', gen_random_uuid())`,
      [practitioner, location],
    );
    expect(await count(holiday())).toBe(0);
  });

  test('at the only place count visits of which nobody told where they are', async () => {
    await clinic.run('UPDATE locations SET active = (id = $2) WHERE tenant_id = $1', [location]);
    await addVisit(`${date}T10:00`);
    const closures = [{ location_id: location }];
    expect(await affected(await put(`holidays/${date}`, { closures }))).toBe(1);
    await clinic.run('UPDATE locations SET active = true WHERE tenant_id = $1');
    // In a clinic of several it may have been there.
    expect(await affected(await put(`holidays/${date}`, { closures }))).toBe(1);
  });

  test('that two people set at once are set once', async () => {
    await Promise.all(
      Array.from({ length: 6 }, (_, at) => put(`holidays/${date}`, { closures: [{ name: `Day ${at}` }] })),
    );
    const listed = await clinic.owner.get(`${settings}/holidays?from=${date}`);
    expect((await bodyOf(answers.holidays, listed)).holidays[0]?.closures).toHaveLength(1);
  });
});

describe('a practitioner’s hours', () => {
  const exceptions = () => `practitioners/${practitioner}/exceptions`;
  const set = async (body: object) => bodyOf(answers.changedExceptions, await put(exceptions(), body));

  test('differ on dates: time off, hours besides, other hours instead', async () => {
    const { id } = await booked('10:00');
    const off = await set({ from: date, to: '2026-12-03', closed: [{}] });
    expect(off.exceptions).toHaveLength(3);
    expect(off).toMatchObject({ appointments_affected: 1 });
    for (const on of [date, '2026-12-02', '2026-12-03']) expect(await free(on)).toEqual([]);
    expect(await free('2026-12-04')).toHaveLength(16);
    await refused('14:00', 'outside_hours');
    await stands(id);

    const partly = { from: date, closed: [{ starts: '09:00', ends: '12:00' }, { starts: '13:00' }] };
    expect(await set(partly)).toMatchObject({ appointments_affected: 1 });
    expect(await free()).toEqual(['12:00', '12:30']);
    const evening = { location_id: location, starts: '19:00', ends: '20:00' };
    const late = await set({ ...partly, closed: [{ starts: '11:00', ends: '17:00' }], open: [evening] });
    expect(late.appointments_affected).toBe(0);
    expect(await free()).toEqual(['09:00', '09:30', '10:30', '19:00', '19:30']);
    expect(await set({ from: date, open: [evening], instead_of_weekly: true })).toEqual({
      exceptions: [{ date, kind: 'instead', ...evening, told: false }],
      appointments_affected: 1,
    });
    expect(await free()).toEqual(['19:00', '19:30']);
    await booked('19:00');

    const back = await clinic.manager.send(
      'DELETE',
      `${settings}/${exceptions()}?from=${date}&to=2026-12-03`,
    );
    expect(await bodyOf(answers.changedExceptions, back)).toEqual({
      exceptions: [],
      appointments_affected: 1,
    });
    expect(await free()).toHaveLength(15);
  });

  test('of every week are replaced as a whole, but what the clinic’s system told', async () => {
    await clinic.run(
      `INSERT INTO practitioner_schedules (tenant_id, id, practitioner_id, location_id, weekday, starts, ends, schedule_id, time_zone, slot_minutes)
       VALUES ($1, gen_random_uuid(), $2, $3, 2, '07:00', '08:00', gen_random_uuid(), 'Asia/Kolkata', 30)`,
      [practitioner, location],
    );
    await booked('10:00');
    await booked('16:00');
    const hours = [
      {
        location_id: location,
        weekday: 2,
        starts: '10:00',
        ends: '11:00',
        valid_from: null,
        valid_to: '2026-12-06',
      },
      { location_id: location, weekday: 2, starts: '22:00', ends: '00:30', valid_from: null, valid_to: null },
    ];
    const path = `practitioners/${practitioner}/hours`;
    for (let time = 0; time < 2; time += 1) {
      const changed = await bodyOf(answers.changedHours, await put(path, { hours }));
      expect(changed).toMatchObject({ appointments_affected: 1 });
      expect(changed.hours.map(({ starts, told }) => [starts, told])).toEqual([
        ['07:00', true],
        ['10:00', false],
        ['22:00', false],
      ]);
    }
    expect(await free()).toEqual(['07:00', '07:30', '10:30', '22:00', '22:30', '23:00', '23:30']);
    expect(await free('2026-12-02')).toEqual(['00:00']);
    expect(await free('2026-12-08')).not.toContain('10:00');
    await refused('16:00', 'outside_hours', '2026-12-08');
    const { practitioners } = await bodyOf(
      answers.practitioners,
      await clinic.owner.get(`${settings}/practitioners`),
    );
    expect(practitioners.find(({ id }) => id === practitioner)).toMatchObject({
      name: 'Dr. Mehta',
      hours: [
        { told: true, time_zone: 'Asia/Kolkata', slot_minutes: 30, appointment_type_ids: null },
        { ...hours[0], time_zone: null, slot_minutes: null },
        hours[1],
      ],
    });
  });

  test('that touch are one time for a visit over both', async () => {
    await addVisit(`${date}T12:30`);
    await addVisit(`${date}T16:30`);
    const rule = (weekday: number, starts: string, ends: string) => ({
      location_id: location,
      weekday,
      starts,
      ends,
    });
    const hours = [rule(2, '09:00', '13:00'), rule(2, '13:00', '17:00')];
    expect(await affected(await put(`practitioners/${practitioner}/hours`, { hours }))).toBe(1);
    const [elsewhere] = await clinic.run<{ id: string }>(
      'SELECT id FROM locations WHERE tenant_id = $1 AND id <> $2 LIMIT 1',
      [location],
    );
    const apart = [hours[0], { ...hours[1], location_id: elsewhere?.id }];
    expect(await affected(await put(`practitioners/${practitioner}/hours`, { hours: apart }))).toBe(2);
  });

  test('with slots of their own are booked between two by the desk alone', async () => {
    await clinic.run('UPDATE practitioner_schedules SET slot_minutes = 20 WHERE tenant_id = $1');
    const heard = (time: string) =>
      useTool(voice, 'book-appointment', {
        call_id: randomUUID(),
        practitioner_id: practitioner,
        start: `${date}T${time}:00+05:30`,
        patient: { first_name: 'Kavita', last_name: 'Rao', phone: '+919820012345' },
      });
    expect(await heard('09:10')).toMatchObject({ ok: false, code: 'OUTSIDE_HOURS' });
    expect(await heard('09:20')).toMatchObject({ ok: true });
    await booked('10:10');
  });

  test('are those of a place that is the clinic’s, in order, and no more dates than a year has', async () => {
    const foreign = randomUUID();
    await clinic.database.admin.query(
      `INSERT INTO locations (tenant_id, id, name, time_zone) VALUES ($1, $2, 'Theirs', 'Asia/Kolkata')`,
      [clinic.otherTenantId, foreign],
    );
    const rule = { location_id: location, weekday: 1, starts: '09:00', ends: '12:00' };
    const hours = `practitioners/${practitioner}/hours`;
    const cases: [string, object, string][] = [
      [hours, { hours: [rule, { ...rule, starts: '11:00', ends: '13:00' }] }, 'body.hours.1'],
      [hours, { hours: [rule, { ...rule, weekday: 7, starts: '20:00', ends: '09:30' }] }, 'body.hours.1'],
      [hours, { hours: [{ ...rule, starts: '24:00' }] }, 'body.hours.0.starts'],
      [hours, { hours: [{ ...rule, weekday: 0 }] }, 'body.hours.0.weekday'],
      [hours, { hours: [{ ...rule, location_id: foreign }] }, 'body.hours.0.location_id'],
      [
        hours,
        { hours: [{ ...rule, valid_from: '2026-12-02', valid_to: '2026-12-01' }] },
        'body.hours.0.valid_to',
      ],
      [exceptions(), { from: date }, 'body.closed'],
      [exceptions(), { from: date, to: monday, closed: [{}] }, 'body.to'],
      [exceptions(), { from: date, to: '2028-01-01', closed: [{}] }, 'body.to'],
      [exceptions(), { from: date, closed: [{ starts: '12:00', ends: '10:00' }] }, 'body.closed.0.ends'],
      [exceptions(), { from: date, closed: [{}], instead_of_weekly: true }, 'body.open'],
      [
        exceptions(),
        { from: date, open: [{ ...rule, weekday: undefined, location_id: foreign }] },
        'body.open.0.location_id',
      ],
      [`holidays/${date}`, { closures: [] }, 'body.closures'],
      [`holidays/${date}`, { closures: [{ location_id: foreign }] }, 'body.closures.0.location_id'],
      [`locations/${location}/rooms`, { rooms: 0 }, 'body.rooms'],
    ];
    for (const [path, body, location] of cases)
      expect([path, body, await problemOf(await put(path, body))]).toMatchObject([
        path,
        body,
        { status: 422, errors: [{ location, fix: expect.any(String) }] },
      ]);
    expect((await put('holidays/2026-02-30', { closures: [{}] })).status).toBe(404);
    expect(await free()).toHaveLength(16);
    const apart = [
      { ...rule, valid_to: '2026-12-06' },
      { ...rule, starts: '11:00', ends: '13:00', valid_from: '2026-12-07' },
    ];
    expect((await put(hours, { hours: apart })).status).toBe(200);
  });
});

test('a location takes no more visits at one time than it has rooms', async () => {
  const other = await addPractitioner(clinic, 'Dr. Iyer');
  await clinic.run(
    'UPDATE practitioner_schedules SET location_id = $2 WHERE tenant_id = $1 AND practitioner_id = $3',
    [location, other],
  );
  const rooms = (count: number | null) => put(`locations/${location}/rooms`, { rooms: count });
  expect(await bodyOf(answers.changedRooms, await rooms(2))).toMatchObject({
    rooms: 2,
    appointments_affected: 0,
  });
  await booked('10:00');
  expect((await book('10:00', date, other)).status).toBe(200);
  await booked('11:00');
  expect(await bodyOf(answers.changedRooms, await rooms(1))).toMatchObject({
    rooms: 1,
    appointments_affected: 2,
  });
  expect(await free(date, other)).not.toContain('11:00');
  expect(await problemOf(await book('11:00', date, other))).toMatchObject({
    status: 409,
    code: 'slot_taken',
  });
  expect((await rooms(null)).status).toBe(200);
  expect(await free(date, other)).toContain('11:00');
  const { locations } = await bodyOf(answers.locations, await clinic.owner.get(`${settings}/locations`));
  expect(locations.find(({ id }) => id === location)).toMatchObject({
    rooms: null,
    time_zone: 'Asia/Kolkata',
  });
});

test('shows what can be booked, with whom and where, to whoever may book', async () => {
  const key = { 'x-api-key': await clinic.addKey(clinic.tenantId, ['admin']) };
  await clinic.newAudit();
  for (const path of ['appointment-types', 'practitioners', 'locations']) {
    const to = `${settings}/${path}`;
    expect([to, (await clinic.agent.get(to)).status]).toEqual([to, 200]);
    expect([to, (await clinic.nobody.get(to, key)).status]).toEqual([to, 200]);
    expect([to, (await clinic.analyst.get(to)).status]).toEqual([to, 403]);
    expect([to, (await clinic.nobody.get(to)).status]).toEqual([to, 401]);
  }
  const audit = await clinic.newAudit();
  expect(audit.map(({ action }) => action)).toEqual(Array(6).fill('settings.view'));
});

test('is for owners and managers of the clinic to decide, and every look and change is in the audit log', async () => {
  const type = randomUUID();
  const day = { from: date, closed: [{}] };
  const attempts: [string, string, unknown?][] = [
    ['POST', 'appointment-types', { name: 'X', duration_minutes: 30 }],
    ['PUT', `appointment-types/${type}`, { name: 'X', duration_minutes: 30 }],
    ['DELETE', `appointment-types/${type}`],
    ['PUT', `practitioners/${practitioner}/hours`, { hours: [] }],
    ['GET', `practitioners/${practitioner}/exceptions?from=${date}`],
    ['PUT', `practitioners/${practitioner}/exceptions`, day],
    ['DELETE', `practitioners/${practitioner}/exceptions?from=${date}`],
    ['PUT', `locations/${location}/rooms`, { rooms: 1 }],
    ['GET', `holidays?from=${date}`],
    ['PUT', `holidays/${date}`, { closures: [{}] }],
    ['DELETE', `holidays/${date}`],
  ];
  const key = { 'x-api-key': await clinic.addKey(clinic.tenantId, ['admin']) };
  for (const [method, path, body] of attempts) {
    const to = `${settings}/${path}`;
    for (const client of [clinic.agent, clinic.analyst])
      expect([to, (await client.send(method, to, body)).status]).toEqual([to, 403]);
    expect([to, (await clinic.nobody.send(method, to, body, key)).status]).toEqual([to, 403]);
    expect([to, (await clinic.nobody.send(method, to, body)).status]).toEqual([to, 401]);
    if (method !== 'GET')
      expect(
        await problemOf(await clinic.owner.send(method, to, body, { origin: 'https://evil.example' })),
      ).toMatchObject({ code: 'foreign_origin' });
    if (/practitioners\/|locations\/|types\//.test(path))
      expect([to, (await clinic.stranger.send(method, to, body)).status]).toEqual([to, 404]);
  }
  expect(await free()).toHaveLength(16);
  await clinic.newAudit();
  for (const [method, path, body] of attempts) await clinic.owner.send(method, `${settings}/${path}`, body);
  const audit = await clinic.newAudit();
  expect(audit.map(({ action }) => action)).toEqual(
    [
      ...['add_appointment_type', 'set_hours', 'view', 'set_exceptions', 'remove_exceptions'],
      ...['set_rooms', 'view', 'set_holiday', 'remove_holiday'],
    ].map((action) => `settings.${action}`),
  );
  expect(JSON.stringify(audit)).not.toContain('Mehta');
});
