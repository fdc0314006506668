import type { TenantSettings } from '@switchboard/postgres/tenants';
import { named, type RecordParts, recordEvent, somebody } from '@switchboard/testkit/record-factories';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openRecordStand, type RecordStand } from './testing/record-stand.ts';

let stand: RecordStand;

beforeAll(async () => {
  stand = await openRecordStand(inject('engines').postgresAdmin);
});

afterAll(() => stand.close());

const at = Date.parse('2026-11-20T05:00:00Z');
const minute = 60_000;
const hour = 60 * minute;

/** Events of one clinic, each with the minute it happened in. */
function teller(tenant: TenantSettings) {
  return (type: string, id: string, after: number, parts: RecordParts = {}) =>
    recordEvent(type, id, { tenant_id: tenant.tenantId, occurred_at: at + after * minute, ...parts });
}

describe('an appointment of the clinic’s system', () => {
  it('becomes a row with all it names, and a history of what happened to it', async () => {
    const tenant = await stand.newTenant();
    const tell = teller(tenant);
    const start = at + 24 * hour;
    await stand.write(
      tenant,
      tell('appointment.booked', 'A-1', 0, {
        appointment: {
          patient: somebody({ external_id: 'P-1', full_name: 'RAO, asha', phones: ['98123 45678'] }),
          practitioner: named('D-1', 'Dr. Mehta'),
          location: named('L-1', 'Andheri'),
          department: 'cardiology',
          appointment_type: named('T-1', 'Follow-up'),
          start,
          end: start + 20 * minute,
          channel: 'web',
          fee_minor: 50_000,
          fee_currency: 'INR',
        },
      }),
    );
    await stand.write(tenant, tell('appointment.confirmed', 'A-1', 5));
    await stand.write(
      tenant,
      tell('appointment.rescheduled', 'A-1', 9, { appointment: { start: start + hour } }),
    );
    await stand.write(
      tenant,
      tell('appointment.cancelled', 'A-1', 12, { appointment: { cancelled_by: 'patient' } }),
    );
    const state = await stand.endState(tenant);
    expect(state.appointments).toMatchObject([
      {
        patient: 'P-1',
        practitioner: 'D-1',
        location: 'L-1',
        type: 'T-1',
        row: {
          external_id: 'A-1',
          source: 'clinic',
          status: 'cancelled',
          moves: 1,
          channel: 'web',
          cancelled_by: 'patient',
          confirmed_at: null,
          fee_minor: 50_000,
          conflict: false,
          starts_at: new Date(start + hour).toISOString().replace('.000Z', '+00:00'),
          ends_at: new Date(start + hour + 20 * minute).toISOString().replace('.000Z', '+00:00'),
        },
      },
    ]);
    expect(state.patients).toMatchObject([
      {
        row: { first_name: 'Asha', last_name: 'Rao', placeholder: true },
        identifiers: ['phone +919812345678'],
      },
    ]);
    expect(state.practitioners).toMatchObject([
      { row: { display_name: 'Dr. Mehta', placeholder: true }, department: 'cardiology' },
    ]);
    expect(
      await stand.rows(
        'SELECT version, change, actor_kind, status FROM appointment_history WHERE tenant_id = $1 ORDER BY version',
        tenant,
      ),
    ).toEqual([
      { version: 1, change: 'booked', actor_kind: 'clinic_system', status: 'scheduled' },
      { version: 2, change: 'confirmed', actor_kind: 'clinic_system', status: 'confirmed' },
      { version: 3, change: 'moved', actor_kind: 'clinic_system', status: 'scheduled' },
      { version: 4, change: 'cancelled', actor_kind: 'clinic_system', status: 'cancelled' },
    ]);
    expect(state.facts).toHaveLength(3);
  });
});
