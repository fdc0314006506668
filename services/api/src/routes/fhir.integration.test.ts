import { randomUUID } from 'node:crypto';
import type { Appointment, Bundle } from 'fhir/r4.js';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { type ApiClinic, startApiClinic } from '../testing/clinic.ts';

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
});

test('other clinics’ are not there, and nobody reads without a right', async () => {
  expect((await clinic.stranger.get(`/fhir/r4/Schedule/${practitioner}`)).status).toBe(404);
  expect((await clinic.stranger.get('/fhir/r4/Slot/nonsense')).status).toBe(404);
  expect((await clinic.nobody.get('/fhir/r4/Slot')).status).toBe(401);
});
