import { randomUUID } from 'node:crypto';
import { named, recordEvent } from '@switchboard/domain/records/testing/record-factories';
import type { TenantSettings } from '@switchboard/postgres/tenants';
import type { RecordReceived } from '@switchboard/schemas';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { noteHistory } from './testing/note-history.ts';
import { openRecordStand, type RecordStand } from './testing/record-stand.ts';

const start = Date.parse('2026-11-20T05:00:00Z');
const booked = Date.parse('2026-11-18T05:00:00Z');
const minute = 60_000;
const length = 45 * minute;

let stand: RecordStand;
let tenant: TenantSettings;
let ours: string;

beforeAll(async () => {
  stand = await openRecordStand(inject('engines').postgresAdmin);
});
afterAll(() => stand.close());

beforeEach(async () => {
  tenant = await stand.newTenant();
  ours = await bookHere();
});

/** Books three quarters of an hour with D-1 here, as a call does. */
async function bookHere(): Promise<string> {
  const [id, practitioner] = [randomUUID(), randomUUID()];
  await stand.rows(
    `INSERT INTO practitioners (tenant_id, id, display_name, external_id) VALUES ($1, $2, 'Mehta', 'D-1')`,
    tenant,
    practitioner,
  );
  await stand.rows(
    `INSERT INTO appointments (tenant_id, id, practitioner_id, status, starts_at, ends_at, booked_at, channel, confirmation_code)
     VALUES ($1, $2, $3, 'scheduled', $4, $5, $6, 'voice', left(md5(random()::text), 8))`,
    tenant,
    id,
    practitioner,
    new Date(start),
    new Date(start + length),
    new Date(booked),
  );
  await history(id, 1, 'booked', 0);
  return id;
}

const history = (id: string, version: number, change: string, at: number) =>
  noteHistory(stand, tenant, { id, version, change, at: booked + at * minute });

/** What the clinic's system tells of the visit, by our id; not when it is. */
const answer = (change: string, at: number, appointment: object = {}) =>
  recordEvent(`appointment.${change}`, 'A-1', {
    tenant_id: tenant.tenantId,
    occurred_at: booked + at * minute,
    appointment: { appointment_id: ours, ...appointment },
  });

const appointments = () =>
  stand.rows(
    `SELECT id, external_id, status, starts_at, ends_at, channel, confirmed_at, cancelled_by FROM appointments
     WHERE tenant_id = $1 AND NOT entered_in_error`,
    tenant,
  );

const visit = (status: string, more: object = {}) => ({
  id: ours,
  external_id: 'A-1',
  status,
  starts_at: new Date(start),
  ends_at: new Date(start + length),
  channel: 'voice',
  ...more,
});

describe('what the clinic’s system does with a visit that we booked, told by our id alone', () => {
  it.each([
    ['confirmed', 'confirmed'],
    ['checked_in', 'checked_in'],
    ['completed', 'completed'],
    ['cancelled', 'cancelled'],
    ['no_show', 'no_show'],
  ])('counts at once: %s', async (change, status) => {
    await stand.write(tenant, answer(change, 5));
    expect(await appointments()).toMatchObject([visit(status)]);
    expect(
      await stand.rows(
        `SELECT change, actor_kind, occurred_at FROM appointment_history WHERE tenant_id = $1 AND version > 1`,
        tenant,
      ),
    ).toEqual([{ change: status, actor_kind: 'clinic_system', occurred_at: new Date(booked + 5 * minute) }]);
    expect(await stand.restate(tenant)).toBe(0);
  });

  it('moves it as long as it was, where it says no end', async () => {
    await stand.write(tenant, answer('rescheduled', 5, { start: start + 60 * minute }));
    const [starts_at, ends_at] = [60 * minute, 60 * minute + length].map((at) => new Date(start + at));
    expect(await appointments()).toMatchObject([visit('scheduled', { starts_at, ends_at })]);
    expect(await stand.restate(tenant)).toBe(0);
  });

  it('keeps its length where it names a kind of which nobody told how long it is', async () => {
    const kind = { appointment_type: named(null, 'Physiotherapy'), practitioner: named('D-1') };
    const types = () =>
      stand.rows('SELECT duration_told FROM appointment_types WHERE tenant_id = $1', tenant);
    await stand.write(tenant, answer('rescheduled', 5, { start: start + 60 * minute, ...kind }));
    expect(await types()).toEqual([{ duration_told: false }]);
    const [starts_at, ends_at] = [60 * minute, 60 * minute + length].map((at) => new Date(start + at));
    expect(await appointments()).toMatchObject([visit('scheduled', { starts_at, ends_at })]);
    await stand.rows(
      'UPDATE appointment_types SET duration_minutes = 45, duration_told = true WHERE tenant_id = $1',
      tenant,
    );
    await stand.write(tenant, answer('rescheduled', 6, { start: start + 120 * minute, ...kind }));
    expect(await appointments()).toMatchObject([
      visit('scheduled', {
        starts_at: new Date(start + 120 * minute),
        ends_at: new Date(start + 165 * minute),
      }),
    ]);
  });

  it('frees its time', async () => {
    const other = { practitioner: named('D-1'), start, end: start + length };
    const parts = { tenant_id: tenant.tenantId, occurred_at: booked, appointment: other };
    await stand.write(tenant, recordEvent('appointment.booked', 'A-2', parts));
    await stand.write(tenant, answer('cancelled', 5, { cancelled_by: 'clinic' }));
    expect(
      await stand.rows(
        'SELECT external_id, status, conflict FROM appointments WHERE tenant_id = $1 ORDER BY 1',
        tenant,
      ),
    ).toEqual([
      { external_id: 'A-1', status: 'cancelled', conflict: false },
      { external_id: 'A-2', status: 'scheduled', conflict: false },
    ]);
  });

  it('does not count where it was before what was done here, and is numbered all the same', async () => {
    await stand.write(tenant, answer('cancelled', -5));
    expect(await appointments()).toMatchObject([visit('scheduled')]);
    await stand.write(tenant, answer('confirmed', 5));
    expect(await appointments()).toMatchObject([visit('confirmed')]);
  });

  it('ends the same in any order, repeated, together or one by one', async () => {
    const told = (): RecordReceived[] => [
      answer('booked', 1, { channel: 'desk', start, end: start + length, practitioner: named('D-1') }),
      answer('confirmed', 2),
      answer('cancelled', 3, { cancelled_by: 'clinic' }),
    ];
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2],
      [2, 1],
      [2, 0, 1],
      [1, 0, 2, 1],
    ])
      for (const together of [true, false]) {
        tenant = await stand.newTenant();
        ours = await bookHere();
        const all = told();
        const events = order.flatMap((one) => all[one] ?? []);
        if (together) await stand.write(tenant, ...events);
        else for (const event of events) await stand.write(tenant, event);
        expect(await appointments()).toEqual([
          visit('cancelled', { confirmed_at: new Date(booked + 2 * minute), cancelled_by: 'clinic' }),
        ]);
        expect(await stand.restate(tenant)).toBe(0);
      }
  });

  it('counts where the clinic’s number of it was named before', async () => {
    const step = { external_id: 'S-1', appointment: 'A-1' };
    const parts = { tenant_id: tenant.tenantId, step };
    await stand.write(tenant, recordEvent('journey.step_scheduled', 'J-1', parts));
    await stand.write(tenant, { ...answer('confirmed', 4), appointment: null });
    await stand.write(tenant, answer('cancelled', 5));
    expect(await appointments()).toMatchObject([visit('cancelled')]);
    expect(await stand.rows('SELECT appointment_id FROM journey_steps WHERE tenant_id = $1', tenant)).toEqual(
      [{ appointment_id: ours }],
    );
  });

  it('counts where an earlier answer was taken and not written', async () => {
    await stand.write(tenant, answer('confirmed', 4));
    await stand.rows(
      `UPDATE appointments SET status = 'scheduled', confirmed_at = NULL, source = NULL, external_id = NULL WHERE tenant_id = $1`,
      tenant,
    );
    await stand.write(tenant, answer('cancelled', 5));
    expect(await appointments()).toMatchObject([
      visit('cancelled', { confirmed_at: new Date(booked + 4 * minute) }),
    ]);
  });
});
