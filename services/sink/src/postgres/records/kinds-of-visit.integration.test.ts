import { randomUUID } from 'node:crypto';
import { named } from '@switchboard/domain/records/testing/record-factories';
import { addAppointmentType, changeAppointmentType } from '@switchboard/postgres/api/appointment-types';
import type { TenantSettings } from '@switchboard/postgres/tenants';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { at, openRecordStand, type RecordStand, teller } from './testing/record-stand.ts';

let stand: RecordStand;
let tenant: TenantSettings;

beforeAll(async () => {
  stand = await openRecordStand(inject('engines').postgresAdmin);
});
beforeEach(async () => {
  tenant = await stand.newTenant();
});
afterAll(() => stand.close());

const settings = (name: string) => ({
  name,
  duration_minutes: 30,
  buffer_before_minutes: 0,
  buffer_after_minutes: 0,
  lead_time_minutes: 0,
  active: true,
});
/** As the settings do it. */
const rename = (id: string, name: string) =>
  changeAppointmentType(stand.database.admin, tenant.tenantId, id, settings(name));
async function add(name: string): Promise<string> {
  const id = randomUUID();
  await addAppointmentType(stand.database.admin, tenant.tenantId, id, settings(name));
  return id;
}
const book = (visit: string, after: number, kind: ReturnType<typeof named>) =>
  stand.write(
    tenant,
    teller(tenant)('appointment.booked', visit, after, {
      appointment: { practitioner: named('D-1'), appointment_type: kind, start: at },
    }),
  );
const kinds = async () =>
  (await stand.rows('SELECT id, name FROM appointment_types WHERE tenant_id = $1 ORDER BY name', tenant)).map(
    ({ id, name }) => ({ id: String(id), name }),
  );
const kindOf = async (visit: string) =>
  (
    await stand.rows(
      `SELECT t.name FROM appointments a JOIN appointment_types t ON t.tenant_id = $1 AND t.id = a.appointment_type_id
       WHERE a.tenant_id = $1 AND a.external_id = $2`,
      tenant,
      visit,
    )
  )[0]?.name;

describe('a kind of visit', () => {
  it('that was renamed here keeps its name, however the clinic’s system calls it', async () => {
    await book('A-1', 0, named('T-2', 'Follow-up'));
    const [kind] = await kinds();
    await rename(kind?.id ?? '', 'Review');
    await book('A-2', 1, named('T-2', 'Follow up visit'));
    expect(await kinds()).toEqual([{ id: kind?.id, name: 'Review' }]);
    expect(await kindOf('A-2')).toBe('Review');
  });

  it('that was set here but for its name goes on to be called what the clinic’s system calls it', async () => {
    await book('A-1', 0, named('T-2', 'Follow-up'));
    const [kind] = await kinds();
    await rename(kind?.id ?? '', 'Follow-up');
    await book('A-2', 1, named('T-2', 'Follow up visit'));
    expect(await kinds()).toEqual([{ id: kind?.id, name: 'Follow up visit' }]);
  });

  it('that was put in here keeps its name when the clinic’s system gives it a number', async () => {
    const id = await add('Follow-up  visit');
    await book('A-1', 0, named('T-2', 'follow-up visit'));
    expect(await kinds()).toEqual([{ id, name: 'Follow-up  visit' }]);
  });

  it('whose former name another has by now is that other one, told by the name alone', async () => {
    await book('A-1', 0, named(null, 'follow-up'));
    const [kind] = await kinds();
    await rename(kind?.id ?? '', 'Review');
    const other = await add('Follow-up');
    await book('A-2', 1, named(null, 'Follow-up'));
    await book('A-3', 2, named(null, 'Follow-up'));
    expect(await kinds()).toEqual([
      { id: other, name: 'Follow-up' },
      { id: kind?.id, name: 'Review' },
    ]);
    expect(await kindOf('A-1')).toBe('Review');
    expect(await kindOf('A-2')).toBe('Follow-up');
    expect(await kindOf('A-3')).toBe('Follow-up');
    await stand.write(
      tenant,
      teller(tenant)('schedule.upserted', 'H-1', 3, {
        schedule: {
          practitioner: named('D-1'),
          rules: [
            {
              weekday: 1,
              start: '09:00',
              end: '10:00',
              slot_minutes: null,
              appointment_types: [named(null, 'FOLLOW-UP')],
            },
          ],
        },
      }),
    );
    expect((await stand.endState(tenant)).schedules).toMatchObject([{ types: ['Follow-up'] }]);
  });

  it('that was renamed here, before that was remembered, stops no event that names it as before', async () => {
    await book('A-1', 0, named(null, 'follow-up'));
    const [kind] = await kinds();
    await rename(kind?.id ?? '', 'Review');
    await add('Follow-up');
    await stand.rows('UPDATE appointment_types SET name_set = false WHERE tenant_id = $1', tenant);
    expect(await book('A-2', 1, named(null, 'Follow-up'))).toBe(1);
    expect(await kindOf('A-2')).toBe('Follow-up');
  });
});
