import { recordEvent, somebody } from '@switchboard/domain/records/testing/record-factories';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { openRecordStand, type RecordStand } from './testing/record-stand.ts';

const start = Date.parse('2026-11-20T05:00:00Z');
const hour = 3_600_000;
let stand: RecordStand;

beforeAll(async () => {
  stand = await openRecordStand(inject('engines').postgresAdmin);
});
afterAll(() => stand.close());

it('a move and what follows it state the same facts in one transaction and in two', async () => {
  const ends = [];
  for (const together of [true, false]) {
    const tenant = await stand.newTenant();
    const tell = (type: string, id: string, at: number, appointment = {}) =>
      recordEvent(type, id, { tenant_id: tenant.tenantId, occurred_at: start + at * hour, appointment });
    const slot = { start: start + 100 * hour, end: start + 101 * hour };
    const with_ = (patient: string) => ({
      patient: somebody({ external_id: patient }),
      practitioner: { external_id: 'D-1', name: 'Mehta' },
    });
    // A slot that is given up, and taken by one that is moved into it and then confirmed.
    await stand.write(
      tenant,
      tell('appointment.booked', 'A-1', 1, { ...with_('P-1'), ...slot }),
      tell('appointment.booked', 'A-2', 2, {
        ...with_('P-2'),
        start: slot.start + 10 * hour,
        end: slot.end + 10 * hour,
      }),
    );
    await stand.write(tenant, tell('appointment.cancelled', 'A-1', 3, { cancelled_by: 'patient' }));
    const later = [tell('appointment.rescheduled', 'A-2', 4, slot), tell('appointment.confirmed', 'A-2', 5)];
    if (together) await stand.write(tenant, ...later);
    else for (const event of later) await stand.write(tenant, event);
    expect(await stand.restate(tenant)).toBe(0);
    ends.push(
      await stand.rows(
        `SELECT a.external_id, a.moved_at, f.basis, f.statement - '{tenant_id,patient_id,practitioner_id,entity_id}'::text[] AS statement
         FROM fact_current f JOIN appointments a ON a.tenant_id = $1 AND a.id = f.entity_id
         WHERE f.tenant_id = $1 AND f.kind = 'appointment' ORDER BY 1, 3`,
        tenant,
      ),
    );
  }
  expect(ends[0]?.length).toBeGreaterThan(3);
  expect(ends[0]).toEqual(ends[1]);
  expect(ends[0]?.at(-1)).toMatchObject({ external_id: 'A-2', moved_at: new Date(start + 4 * hour) });
});
