import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { appointment, appointmentList } from '../appointments/appointment-schema.ts';
import { type ApiClinic, bodyOf, problemOf, startApiClinic } from '../testing/clinic.ts';

let clock = Date.parse('2026-11-30T08:00:00+05:30');
let clinic: ApiClinic;
const [practitioner, colleague, location, patient] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
const path = '/api/v1/appointments';

beforeAll(async () => {
  clinic = await startApiClinic(inject('engines'), { now: () => clock });
  await clinic.run(
    `INSERT INTO locations (tenant_id, id, name, time_zone) VALUES ($1, $2, 'Bandra', 'Asia/Kolkata')`,
    [location],
  );
  for (const id of [practitioner, colleague]) {
    await clinic.run(`INSERT INTO practitioners (tenant_id, id, display_name) VALUES ($1, $2, 'Dr. Mehta')`, [
      id,
    ]);
    await clinic.run(
      `INSERT INTO practitioner_schedules (tenant_id, id, practitioner_id, location_id, weekday, starts, ends)
       SELECT $1, gen_random_uuid(), $2, $3, weekday, '09:00', '17:00' FROM generate_series(1, 7) AS weekday`,
      [id, location],
    );
  }
  await clinic.run(
    `INSERT INTO patients (tenant_id, id, first_name, last_name, origin) VALUES ($1, $2, 'Rohinibai', 'Patil', 'desk')`,
    [patient],
  );
});
afterAll(() => clinic?.stop());

const at = (time: string) => `2026-12-01T${time}:00+05:30`;
const post = (way: string, body?: unknown, headers?: Record<string, string>) =>
  clinic.agent.post(`${path}${way}`, body, headers);
const book = async (time: string, more: Record<string, unknown> = {}) =>
  bodyOf(
    appointment,
    await post('', { practitioner_id: practitioner, start: at(time), patient_id: patient, ...more }),
  );

describe('the front desk', () => {
  test('books, moves, confirms, checks in and completes; each step is audited', async () => {
    await clinic.newAudit();
    const { id, version, confirmation_code: code } = await book('09:00', { reason: 'knee' });
    expect([version, code]).toEqual([1, expect.stringMatching(/^\d{6}$/)]);
    const moved = await bodyOf(
      appointment,
      await post(
        `/${id}/reschedule`,
        { start: at('10:00'), practitioner_id: colleague },
        { 'if-match': '"1"' },
      ),
    );
    expect(moved).toMatchObject({ version: 2, moves: 1, practitioner: { id: colleague } });
    for (const [way, status] of [
      ['confirm', 'confirmed'],
      ['check-in', 'checked_in'],
      ['complete', 'completed'],
    ])
      expect(await bodyOf(appointment, await post(`/${id}/${way}`))).toMatchObject({ status });
    const audit = await clinic.newAudit();
    expect(audit.map(({ action }) => action)).toEqual(
      ['book', 'reschedule', 'confirm', 'check-in', 'complete'].map((way) => `appointment.${way}`),
    );
    for (const { text } of audit) for (const phi of ['knee', 'Patil']) expect(text).not.toContain(phi);
    expect(await bodyOf(appointment, await clinic.agent.get(`${path}/${id}`))).toMatchObject({ version: 5 });
  });

  test('is told why a time cannot be had', async () => {
    await book('11:00');
    for (const [start, code] of [
      [at('11:10'), 'slot_taken'],
      [at('20:00'), 'outside_hours'],
      ['2026-11-30T07:00:00+05:30', 'outside_hours'],
    ])
      expect(
        await problemOf(await post('', { practitioner_id: practitioner, start, patient_id: patient })),
      ).toMatchObject({ status: 409, code });
    expect(
      await problemOf(
        await post('', { practitioner_id: practitioner, start: at('11:30'), patient_id: randomUUID() }),
      ),
    ).toMatchObject({ status: 404 });
  });

  test('books nobody who has left, or never was there, and moves no visit to them', async () => {
    const { id } = await book('16:00');
    const gone = randomUUID();
    await clinic.run(
      `INSERT INTO practitioners (tenant_id, id, display_name, active) VALUES ($1, $2, 'Dr. Nair', false)`,
      [gone],
    );
    await clinic.run(
      `INSERT INTO practitioner_schedules (tenant_id, id, practitioner_id, location_id, weekday, starts, ends)
       SELECT $1, gen_random_uuid(), $2, $3, weekday, '09:00', '17:00' FROM generate_series(1, 7) AS weekday`,
      [gone, location],
    );
    for (const practitioner_id of [gone, randomUUID()])
      for (const way of ['', `/${id}/reschedule`])
        expect(await problemOf(await post(way, { practitioner_id, start: at('16:00') }))).toMatchObject({
          status: 422,
          errors: [{ location: 'body.practitioner_id' }],
        });
  });

  test('is told by name that a reason holds what is no text; line breaks are', async () => {
    const { id } = await book('09:30', { reason: 'knee\nleft' });
    for (const refused of [
      await post('', { practitioner_id: practitioner, start: at('12:30'), reason: 'knee\u0000' }),
      await post(`/${id}/cancel`, { by: 'clinic', reason: 'ill\u0000' }),
    ])
      expect(await problemOf(refused)).toMatchObject({ status: 422, errors: [{ location: 'body.reason' }] });
    expect((await post(`/${id}/cancel`, { by: 'clinic' })).status).toBe(200);
  });

  test('is told what would be right of a start that no diary has', async () => {
    const { id } = await book('09:30');
    for (const [start, message] of [
      ['0000-01-01T00:00:00Z', 'must be from 2000 to 2099'],
      ['0001-01-01T00:00:00Z', 'must be from 2000 to 2099'],
      ['9999-12-31T23:59:59Z', 'must be from 2000 to 2099'],
      ['2026-12-02T10:00:30+05:30', 'must be a whole minute'],
    ])
      for (const refused of [
        await post('', { practitioner_id: practitioner, start, patient_id: patient }),
        await post(`/${id}/reschedule`, { start }),
      ])
        expect(await problemOf(refused)).toMatchObject({
          status: 422,
          errors: [{ location: 'body.start', message }],
        });
  });

  test('does not change what somebody else changed since it was shown', async () => {
    const { id } = await book('12:00');
    await post(`/${id}/confirm`);
    expect(
      await problemOf(await post(`/${id}/cancel`, { by: 'clinic' }, { 'if-match': '"1"' })),
    ).toMatchObject({ status: 409, code: 'version_conflict' });
    expect(
      await bodyOf(
        appointment,
        await post(`/${id}/cancel`, { by: 'clinic', reason: 'ill' }, { 'if-match': '"2"' }),
      ),
    ).toMatchObject({ status: 'cancelled', cancelled_by: 'clinic', cancel_reason: 'ill' });
    expect(await problemOf(await post(`/${id}/confirm`))).toMatchObject({ code: 'wrong_state' });
  });

  test('books for a patient who was merged by mistake what is theirs again once that is undone', async () => {
    const absorbed = randomUUID();
    await clinic.run(
      `INSERT INTO patients (tenant_id, id, first_name, origin) VALUES ($1, $2, 'Rohini', 'desk')`,
      [absorbed],
    );
    const merge = (way: string) =>
      clinic.owner.post(`/api/v1/patients/${patient}/${way}`, { patient_id: absorbed });
    expect((await merge('merge')).status).toBe(200);
    const booked = await book('15:30', { patient_id: absorbed });
    const held = await book('16:30', { hold_minutes: 10, patient_id: undefined });
    await post(`/${held.id}/book`, { patient_id: absorbed });
    const whose = async () =>
      Promise.all(
        [booked, held].map(
          async ({ id }) => (await bodyOf(appointment, await clinic.agent.get(`${path}/${id}`))).patient?.id,
        ),
      );
    expect(await whose()).toEqual([patient, patient]);
    expect((await merge('unmerge')).status).toBe(200);
    expect(await whose()).toEqual([absorbed, absorbed]);
  });

  test('keeps a time free while somebody thinks, then books it', async () => {
    const held = await book('13:00', { hold_minutes: 10, patient_id: undefined });
    expect(held).toMatchObject({ status: 'held', confirmation_code: null });
    expect(await bodyOf(appointment, await post(`/${held.id}/book`, { patient_id: patient }))).toMatchObject({
      status: 'scheduled',
      patient: { id: patient },
    });
  });

  test('moves nothing that is there already', async () => {
    const { id, version } = await book('11:30');
    const there = await post(`/${id}/reschedule`, { start: at('11:30'), practitioner_id: practitioner });
    expect(await bodyOf(appointment, there)).toMatchObject({ version, moves: 0 });
    expect((await post(`/${id}/cancel`, { by: 'clinic' })).status).toBe(200);
  });

  test('moves a visit that stays as long as it was, and of its kind though that is booked no more', async () => {
    const [kind, old] = [randomUUID(), randomUUID()];
    await clinic.run(
      `INSERT INTO appointment_types (tenant_id, id, name, duration_minutes, buffer_after_minutes, active)
       VALUES ($1, $2, 'Once', 20, 10, false)`,
      [kind],
    );
    await clinic.run(
      `INSERT INTO appointments (tenant_id, id, practitioner_id, location_id, appointment_type_id, status, starts_at, ends_at, channel)
       VALUES ($1, $2, $3, $4, $5, 'scheduled', '2026-12-05T09:00:00+05:30', '2026-12-05T10:30:00+05:30', 'desk')`,
      [old, practitioner, location, kind],
    );
    const moved = await post(`/${old}/reschedule`, { start: '2026-12-06T09:00:00+05:30' });
    expect(await bodyOf(appointment, moved)).toMatchObject({ appointment_type: { id: kind } });
    expect(
      await clinic.run(
        'SELECT ends_at, buffer_after_minutes AS after FROM appointments WHERE tenant_id = $1 AND id = $2',
        [old],
      ),
    ).toEqual([{ ends_at: new Date('2026-12-06T10:30:00+05:30'), after: 10 }]);
  });

  test('lets a hold go that nobody wants, which then is nowhere', async () => {
    await clinic.run(
      `INSERT INTO webhook_endpoints (tenant_id, id, url, sealed_secret) VALUES ($1, gen_random_uuid(), 'https://emr.example/hook', 'x')`,
    );
    const held = await book('10:30', { hold_minutes: 10 });
    expect(
      await bodyOf(appointment, await post(`/${held.id}/reschedule`, { start: at('13:30') })),
    ).toMatchObject({ status: 'held' });
    expect(await bodyOf(appointment, await post(`/${held.id}/cancel`, { by: 'patient' }))).toMatchObject({
      id: held.id,
      status: 'cancelled',
    });
    expect((await clinic.agent.get(`${path}/${held.id}`)).status).toBe(404);
    const { appointments } = await bodyOf(appointmentList, await clinic.agent.get(`${path}?limit=200`));
    expect(appointments.map(({ id }) => id)).not.toContain(held.id);
    for (const of of ['fact_current f WHERE f.entity_id', 'webhook_deliveries d WHERE d.entity_id'])
      expect(await clinic.run(`SELECT FROM ${of} = $2 AND tenant_id = $1`, [held.id])).toEqual([]);
    await clinic.run('DELETE FROM webhook_endpoints WHERE tenant_id = $1');
    await book('13:30');
  });

  test('marks a visit as missed only when it is, and takes that back', async () => {
    const { id } = await book('14:00');
    expect(await problemOf(await post(`/${id}/no-show`))).toMatchObject({ code: 'too_early' });
    const before = clock;
    clock = Date.parse(at('14:20'));
    expect(await bodyOf(appointment, await post(`/${id}/no-show`))).toMatchObject({ status: 'no_show' });
    expect(await bodyOf(appointment, await post(`/${id}/reinstate`))).toMatchObject({ status: 'scheduled' });
    clock = before;
  });

  test('is of the clinic, and no analyst', async () => {
    const { id } = await book('15:00');
    const body = { practitioner_id: practitioner, start: at('16:00') };
    expect((await clinic.analyst.post(path, body)).status).toBe(403);
    expect((await clinic.nobody.post(path, body)).status).toBe(401);
    expect((await clinic.stranger.post(`${path}/${id}/confirm`)).status).toBe(404);
    expect((await clinic.stranger.post(path, body)).status).toBe(422);
    expect(await bodyOf(appointment, await clinic.analyst.get(`${path}/${id}`))).toMatchObject({
      patient: { first_name: null, last_name: null },
      confirmation_code: null,
    });
  });
});
