import { recordEvent, somebody } from '@switchboard/domain/records/testing/record-factories';
import type { TenantSettings } from '@switchboard/postgres/tenants';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import { at, openRecordStand, type RecordStand, teller } from './testing/record-stand.ts';

const start = at + 300 * 60_000;
const minute = (after: number) => new Date(at + after * 60_000);
let stand: RecordStand;
let tenant: TenantSettings;
let tell: ReturnType<typeof teller>;

beforeAll(async () => {
  stand = await openRecordStand(inject('engines').postgresAdmin);
});
afterAll(() => stand.close());
beforeEach(async () => {
  tenant = await stand.newTenant();
  tell = teller(tenant);
  const patient = somebody({ external_id: 'P-1' });
  const practitioner = { external_id: 'D-1', name: 'Mehta' };
  const appointment = { patient, practitioner, start, end: start + 1_200_000 };
  await stand.write(tenant, tell('appointment.booked', 'A-1', 0, { appointment }));
});
afterEach(async () => {
  expect(await stand.restate(tenant)).toBe(0);
  expect(await stand.drift(tenant)).toEqual({});
});

const rows = () =>
  stand.rows(
    `SELECT status, booked_at, confirmed_at, checked_in_at, cancelled_at, cancelled_by, cancel_reason FROM appointments
     WHERE tenant_id = $1 ORDER BY external_id`,
    tenant,
  );
const change = (type: string, after: number, appointment: object = {}) =>
  tell(`appointment.${type}`, 'A-1', after, { appointment });

it('a visit is no longer booked on the day on which something of it is corrected', async () => {
  await stand.write(tenant, change('booked', 2000, { reason: 'cough' }));
  expect(await rows()).toMatchObject([{ status: 'scheduled', booked_at: minute(0) }]);
});

it('a visit that was cancelled in good time is not cancelled late when its reason is told afterwards', async () => {
  await stand.write(tenant, change('cancelled', 10, { cancelled_by: 'patient' }));
  await stand.write(tenant, change('cancelled', 290, { cancel_reason: 'Travels' }));
  expect(await rows()).toMatchObject([
    { status: 'cancelled', cancelled_at: minute(10), cancel_reason: 'Travels' },
  ]);
  await stand.write(tenant, change('booked', 295));
  expect(await rows()).toMatchObject([{ status: 'scheduled', cancelled_at: null, cancel_reason: null }]);
});

it('a check-in that is taken back is none', async () => {
  await stand.write(tenant, change('checked_in', 280));
  await stand.write(tenant, change('confirmed', 281));
  expect(await rows()).toMatchObject([{ status: 'confirmed', checked_in_at: null }]);
  await stand.write(tenant, change('rescheduled', 282, { start: start + 86_400_000 }));
  await stand.write(tenant, change('completed', 2000));
  expect(await rows()).toMatchObject([{ status: 'completed', checked_in_at: null }]);
});

it('a check-in that is taken back stays so, whatever becomes of the visit', async () => {
  await stand.write(tenant, change('checked_in', 280));
  await stand.write(tenant, change('confirmed', 281));
  await stand.write(tenant, change('completed', 2000));
  expect(await rows()).toMatchObject([{ status: 'completed', checked_in_at: null }]);
  await stand.write(tenant, change('confirmed', 2001), change('checked_in', 2002));
  expect(await rows()).toMatchObject([{ status: 'checked_in', checked_in_at: minute(2002) }]);
});

it('a new cancellation has neither the reason nor the author of the one that was taken back', async () => {
  await stand.write(
    tenant,
    change('cancelled', 10, { cancelled_by: 'patient', cancel_reason: 'Travels' }),
    change('booked', 20),
    change('cancelled', 30),
  );
  expect(await rows()).toMatchObject([
    { status: 'cancelled', cancelled_by: null, cancel_reason: null, cancelled_at: minute(30) },
  ]);
});

it('a visit is never half moved, though its row says otherwise than was told before', async () => {
  // As rows do that older rules wrote.
  await stand.rows(
    `UPDATE appointments SET starts_at = starts_at - interval '2 hours', ends_at = ends_at - interval '2 hours' WHERE tenant_id = $1`,
    tenant,
  );
  await stand.write(tenant, change('rescheduled', 20, { start: start + 600_000, end: start + 1_200_000 }));
  expect(
    await stand.rows('SELECT starts_at, ends_at FROM appointments WHERE tenant_id = $1', tenant),
  ).toEqual([{ starts_at: new Date(start + 600_000), ends_at: new Date(start + 1_200_000) }]);
});

it('a check-in put in here is taken back by what is told later', async () => {
  await stand.rows(
    `UPDATE appointments SET status = 'checked_in', checked_in_at = $2, version = 2 WHERE tenant_id = $1`,
    tenant,
    minute(280),
  );
  await stand.rows(
    `INSERT INTO appointment_history (tenant_id, appointment_id, version, change, occurred_at, actor_kind, status, starts_at, ends_at)
     SELECT tenant_id, id, 2, 'checked_in', $2, 'user', status, starts_at, ends_at FROM appointments WHERE tenant_id = $1`,
    tenant,
    minute(280),
  );
  await stand.write(tenant, change('confirmed', 281));
  expect(await rows()).toMatchObject([{ status: 'confirmed', checked_in_at: null }]);
});

it('a row of a file that does not say when a visit was cancelled tells of no late cancellation', async () => {
  const about = { tenant_id: tenant.tenantId, source: 'import', origin: 'file' };
  const appointment = { start, end: start + 1_200_000, cancel_reason: 'Unwell', booked_at: at - 86_400_000 };
  await stand.write(
    tenant,
    recordEvent('appointment.cancelled', 'A-2', { ...about, occurred_at: start - 60_000, appointment }),
  );
  expect((await rows())[1]).toMatchObject({
    status: 'cancelled',
    cancelled_at: null,
    cancel_reason: 'Unwell',
  });
  expect(
    await stand.rows(
      `SELECT (statement ->> 'late_cancelled')::int AS late, basis FROM fact_current WHERE tenant_id = $1 AND kind = 'appointment'
       AND statement IS NOT NULL AND statement ->> 'status' = 'cancelled' ORDER BY basis`,
      tenant,
    ),
  ).toEqual([
    { late: 0, basis: 'created' },
    { late: 0, basis: 'starts' },
  ]);
});

it('departments that differ by case alone are one', async () => {
  const named = (id: string, department: string) =>
    tell('practitioner.upserted', id, 1, { practitioner: { name: id, department } });
  await stand.write(tenant, named('D-2', 'Cardiology'), named('D-3', 'CARDIOLOGY'));
  await stand.write(tenant, named('D-4', 'cardiology'));
  expect(
    await stand.rows(
      `SELECT count(DISTINCT department_id)::int AS departments, count(department_id)::int AS practitioners FROM practitioners
       WHERE tenant_id = $1`,
      tenant,
    ),
  ).toEqual([{ departments: 1, practitioners: 3 }]);
});
