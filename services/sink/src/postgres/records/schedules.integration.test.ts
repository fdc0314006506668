import { zonedIso } from '@switchboard/domain/periods/zone';
import { checkRecordEvent } from '@switchboard/domain/records/check-event';
import { named } from '@switchboard/domain/records/testing/record-factories';
import { withTenant } from '@switchboard/postgres';
import { type FreeSlot, findFreeSlots } from '@switchboard/postgres/scheduling/find-slots';
import { loadVisitTypes, type VisitType } from '@switchboard/postgres/scheduling/visit-types';
import type { TenantSettings } from '@switchboard/postgres/tenants';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { at, openRecordStand, type RecordStand, teller } from './testing/record-stand.ts';

let stand: RecordStand;

beforeAll(async () => {
  stand = await openRecordStand(inject('engines').postgresAdmin);
});

afterAll(() => stand.close());

describe('a schedule', () => {
  it('replaces its rules as a whole', async () => {
    const tenant = await stand.newTenant();
    const tell = teller(tenant);
    const rule = (weekday: number) => ({
      weekday,
      start: '09:00',
      end: '24:00',
      slot_minutes: 15,
      appointment_types: [],
    });
    const schedule = { practitioner: named('D-1'), location: named('L-1'), time_zone: 'Asia/Dubai' };
    await stand.write(
      tenant,
      tell('schedule.upserted', 'H-1', 0, { schedule: { ...schedule, rules: [rule(1), rule(2)] } }),
    );
    await stand.write(
      tenant,
      tell('schedule.upserted', 'H-1', 1, {
        schedule: {
          ...schedule,
          rules: [rule(3)],
          exceptions: [{ date: '2026-12-25', available: false, start: null, end: null }],
        },
      }),
    );
    expect(await stand.endState(tenant)).toMatchObject({
      locations: [{ row: { time_zone: 'Asia/Dubai' } }],
      schedules: [
        {
          practitioner: 'D-1',
          location: 'L-1',
          row: { weekday: 3, ends: '24:00:00', slot_minutes: 15, time_zone: 'Asia/Dubai' },
        },
      ],
      exceptions: [{ row: { kind: 'closed', local_date: '2026-12-25' } }],
    });
  });

  it('that goes on past midnight has slots over midnight', async () => {
    const tenant = await stand.newTenant();
    const friday = { weekday: 5, start: '23:00', end: '01:15', slot_minutes: null, appointment_types: [] };
    const told = teller(tenant)('schedule.upserted', 'H-1', 0, {
      schedule: { practitioner: named('D-1'), location: named('L-1'), rules: [friday] },
    });
    expect(checkRecordEvent(told)).toBeNull();
    await stand.write(tenant, told);
    const visit = { id: null, name: null, duration: 45, bufferBefore: 0, bufferAfter: 0, leadTime: 0 };
    expect(await slotsOf(tenant, visit)).toEqual([
      '2026-11-27T23:00',
      '2026-11-27T23:45',
      '2026-11-28T00:30',
    ]);
  });

  it('that names no place, but its clocks, slots and kinds of visit, has slots by all of it', async () => {
    const tenant = await stand.newTenant();
    const tell = teller(tenant);
    const friday = { weekday: 5, start: '09:00', end: '10:00', slot_minutes: 20, appointment_types: [] };
    const told = { practitioner: named('D-1'), time_zone: 'Asia/Dubai' };
    const followUps = {
      ...friday,
      start: '10:00',
      end: '11:00',
      appointment_types: [named(null, 'Follow-up')],
    };
    const extra = { date: '2026-11-28', available: true, start: '08:00', end: '08:30' };
    await stand.write(
      tenant,
      tell('schedule.upserted', 'H-1', 0, {
        schedule: { ...told, rules: [friday, followUps], exceptions: [extra] },
      }),
    );
    const types = await withTenant(stand.options.pool, tenant.tenantId, (client) =>
      loadVisitTypes(client, tenant.tenantId),
    );
    expect(types).toMatchObject([{ name: 'Follow-up', lengthUntold: true }]);
    const all = ['2026-11-27T10:30', '2026-11-27T10:50', '2026-11-27T11:10'];
    expect(await slotsOf(tenant, { ...types[0], id: null })).toEqual([...all, '2026-11-28T09:30']);
    const kinds = ['2026-11-27T11:30', '2026-11-27T11:50', '2026-11-27T12:10'];
    expect(await slotsOf(tenant, types[0])).toEqual([...all, ...kinds, '2026-11-28T09:30']);
    // Where the clinic has one place alone, it is there.
    expect(await slotsOf(tenant, types[0], ({ locationId }) => locationId)).toEqual(Array(7).fill(null));
    await stand.write(tenant, tell('location.upserted', 'L-1', 1, { location: { name: 'Andheri' } }));
    const [place] = await stand.rows('SELECT id FROM locations WHERE tenant_id = $1', tenant);
    expect(await slotsOf(tenant, types[0], ({ locationId }) => locationId)).toEqual(Array(7).fill(place?.id));
  });

  it('for kinds that nobody can tell is for none, not for all', async () => {
    const tenant = await stand.newTenant();
    const rule = {
      weekday: 5,
      start: '09:00',
      end: '10:00',
      slot_minutes: null,
      appointment_types: [named(null, ' ')],
    };
    await stand.write(
      tenant,
      teller(tenant)('schedule.upserted', 'H-1', 0, {
        schedule: { practitioner: named('D-1'), rules: [rule] },
      }),
    );
    expect((await stand.endState(tenant)).schedules).toHaveLength(1);
    const visit = { id: null, name: null, duration: 30, bufferBefore: 0, bufferAfter: 0, leadTime: 0 };
    expect(await slotsOf(tenant, visit)).toEqual([]);
  });

  it('has open besides what its weekly hours are for, where they are all for the same', async () => {
    const tenant = await stand.newTenant();
    const tell = teller(tenant);
    const kinds = [named(null, 'Follow-up'), named('T-1', 'Vaccination')];
    const rule = (weekday: number, appointment_types = kinds) => ({
      weekday,
      start: '09:00',
      end: '10:00',
      slot_minutes: 20,
      appointment_types,
    });
    const told = {
      practitioner: named('D-1'),
      location: named('L-1'),
      exceptions: [{ date: '2026-11-28', available: true, start: '08:00', end: '09:00' }],
    };
    const tellRules = (after: number, rules: ReturnType<typeof rule>[]) =>
      stand.write(tenant, tell('schedule.upserted', 'H-1', after, { schedule: { ...told, rules } }));
    await tellRules(0, [rule(1), rule(2, kinds.toReversed())]);
    const types = await withTenant(stand.options.pool, tenant.tenantId, (client) =>
      loadVisitTypes(client, tenant.tenantId),
    );
    const followUp = types.find(({ name }) => name === 'Follow-up') ?? types[0];
    const other = { ...followUp, id: null };
    expect(await slotsOf(tenant, followUp)).toEqual(
      ['08:00', '08:20', '08:40'].map((at) => `2026-11-28T${at}`),
    );
    expect(await slotsOf(tenant, other)).toEqual([]);
    await tellRules(1, [rule(1), rule(2, [])]);
    expect(await slotsOf(tenant, other)).toEqual(['08:00', '08:30'].map((at) => `2026-11-28T${at}`));
    await tellRules(2, []);
    expect(await slotsOf(tenant, other)).toHaveLength(2);
  });

  it.each(['first', 'after the booking'])(
    'for a kind by its name alone has times for the kind of that name that has a number: told %s',
    async (when) => {
      const tenant = await stand.newTenant();
      const tell = teller(tenant);
      const friday = { weekday: 5, start: '09:00', end: '09:30', slot_minutes: 15 };
      const schedule = {
        practitioner: named('D-7', 'Dr. Mehta'),
        rules: [{ ...friday, appointment_types: [named(null, 'Follow-up')] }],
      };
      const hours = tell('schedule.upserted', 'SCH-7-1', 0, { schedule });
      const kind = named('T-2', ' follow-up');
      const visit = { practitioner: named('D-7'), appointment_type: kind, start: at };
      const booked = tell('appointment.booked', 'A-5501', 1, { appointment: visit });
      for (const event of when === 'first' ? [hours, booked] : [booked, hours])
        await stand.write(tenant, event);
      const types = await withTenant(stand.options.pool, tenant.tenantId, (client) =>
        loadVisitTypes(client, tenant.tenantId),
      );
      expect(types).toHaveLength(2);
      const [first, last] = ['2026-11-27T09:00', '2026-11-27T09:15'];
      for (const type of types) expect(await slotsOf(tenant, type)).toEqual([first, last]);
      expect(await slotsOf(tenant, { ...types[0], id: null })).toEqual([]);
    },
  );

  it('of before slots had a longest one is still written', async () => {
    const tenant = await stand.newTenant();
    const tell = teller(tenant);
    const rule = { weekday: 5, start: '09:00', end: '10:00', slot_minutes: 0, appointment_types: [] };
    const schedule = { practitioner: named('D-1'), location: named('L-1'), rules: [rule] };
    await stand.write(tenant, tell('schedule.upserted', 'H-1', 0, { schedule }));
    expect((await stand.endState(tenant)).schedules).toMatchObject([{ row: { slot_minutes: null } }]);
  });

  it('told again as it was is written anew, with what its rows lack', async () => {
    const tenant = await stand.newTenant();
    const tell = teller(tenant);
    const friday = { weekday: 5, start: '09:00', end: '10:00', slot_minutes: 20, appointment_types: [] };
    const schedule = { practitioner: named('D-1'), location: named('L-1'), rules: [friday] };
    await stand.write(tenant, tell('schedule.upserted', 'H-1', 0, { schedule }));
    await stand.database.admin.query('UPDATE practitioner_schedules SET slot_minutes = NULL');
    await stand.write(tenant, tell('schedule.upserted', 'H-1', 1, { schedule }));
    expect((await stand.endState(tenant)).schedules).toMatchObject([{ row: { slot_minutes: 20 } }]);
  });

  /** When free slots of the clinic's practitioner begin, by its clocks, or what else is asked of them. */
  async function slotsOf(
    tenant: TenantSettings,
    visit: VisitType,
    read: (slot: FreeSlot) => unknown = ({ from }) => zonedIso(from, tenant.timeZone).slice(0, 16),
  ) {
    const [doctor] = await stand.rows('SELECT id FROM practitioners WHERE tenant_id = $1', tenant);
    const slots = await withTenant(stand.options.pool, tenant.tenantId, (client) =>
      findFreeSlots(client, tenant.tenantId, {
        practitionerIds: [String(doctor?.id)],
        from: '2026-11-26',
        to: '2026-11-29',
        visit,
        limit: 10,
        now: at,
        zone: tenant.timeZone,
      }),
    );
    return slots.map(read);
  }
});
