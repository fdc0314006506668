import { randomUUID } from 'node:crypto';
import {
  named,
  type RecordParts,
  recordEvent,
  somebody,
} from '@switchboard/domain/records/testing/record-factories';
import type { TenantSettings } from '@switchboard/postgres/tenants';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openRecordStand, type RecordStand } from './testing/record-stand.ts';

let stand: RecordStand;

beforeAll(async () => {
  stand = await openRecordStand(inject('engines').postgresAdmin);
});

afterAll(() => stand.close());

const at = Date.parse('2026-11-20T05:00:00Z');
const minute = 60_000;

type Details = RecordParts['appointment'];

function book(
  tenant: TenantSettings,
  id: string,
  from: number,
  to: number,
  bookedAt: number,
  more: Details = {},
) {
  return recordEvent('appointment.booked', id, {
    tenant_id: tenant.tenantId,
    occurred_at: at,
    appointment: {
      practitioner: named('D-1'),
      start: at + from * minute,
      end: at + to * minute,
      booked_at: at - 10_000 * minute + bookedAt * minute,
      ...more,
    },
  });
}

async function conflicts(tenant: TenantSettings): Promise<string[]> {
  const found = await stand.rows(
    'SELECT external_id FROM appointments WHERE tenant_id = $1 AND conflict ORDER BY 1',
    tenant,
  );
  return found.map(({ external_id }) => String(external_id));
}

/** An appointment made here, with its history. */
async function bookHere(
  tenant: TenantSettings,
  practitionerId: string | null,
  from: number,
  to: number,
): Promise<string> {
  const id = randomUUID();
  const [starts, ends] = [new Date(at + from * minute), new Date(at + to * minute)];
  await stand.database.admin.query(
    `INSERT INTO appointments (tenant_id, id, practitioner_id, status, starts_at, ends_at, booked_at, channel, confirmation_code)
     VALUES ($1, $2, $3, 'scheduled', $4, $5, $6, 'voice', left(md5(random()::text), 8))`,
    [tenant.tenantId, id, practitionerId, starts, ends, new Date(at)],
  );
  await stand.database.admin.query(
    `INSERT INTO appointment_history (tenant_id, appointment_id, version, change, occurred_at, actor_kind, status, starts_at, ends_at)
     VALUES ($1, $2, 1, 'booked', $3, 'voice_agent', 'scheduled', $4, $5)`,
    [tenant.tenantId, id, new Date(at), starts, ends],
  );
  return id;
}

describe('appointments that overlap', () => {
  it('are kept: who booked first stands, and the other is clear when that one goes', async () => {
    const tenant = await stand.newTenant();
    await stand.write(tenant, book(tenant, 'A-2', 10, 40, 2));
    await stand.write(tenant, book(tenant, 'A-3', 35, 60, 3));
    expect(await conflicts(tenant)).toEqual(['A-3']);
    await stand.write(tenant, book(tenant, 'A-1', 0, 30, 1));
    // A-2 yields to A-1, and so keeps nobody's time from A-3.
    expect(await conflicts(tenant)).toEqual(['A-2']);
    await stand.write(
      tenant,
      recordEvent('appointment.cancelled', 'A-1', { tenant_id: tenant.tenantId, occurred_at: at + minute }),
    );
    expect(await conflicts(tenant)).toEqual(['A-3']);
    const history = await stand.rows(
      `SELECT a.external_id AS id, h.change, h.actor_kind AS actor FROM appointment_history h
       JOIN appointments a ON a.tenant_id = $1 AND a.id = h.appointment_id WHERE h.tenant_id = $1 ORDER BY 1, h.version`,
      tenant,
    );
    expect(history.filter(({ id }) => id === 'A-2')).toEqual([
      { id: 'A-2', change: 'booked', actor: 'clinic_system' },
      { id: 'A-2', change: 'corrected', actor: 'system' },
      { id: 'A-2', change: 'corrected', actor: 'system' },
    ]);
    expect(await stand.restate(tenant)).toBe(0);
  });

  it('change places in one batch', async () => {
    const tenant = await stand.newTenant();
    await stand.write(tenant, book(tenant, 'A-1', 0, 30, 1), book(tenant, 'A-2', 30, 60, 2));
    const move = (id: string, from: number) =>
      recordEvent('appointment.rescheduled', id, {
        tenant_id: tenant.tenantId,
        occurred_at: at + minute,
        appointment: { start: at + from * minute },
      });
    await stand.write(tenant, move('A-1', 30), move('A-2', 0));
    expect(await conflicts(tenant)).toEqual([]);
    expect(
      await stand.rows(
        'SELECT external_id, moves FROM appointments WHERE tenant_id = $1 ORDER BY starts_at',
        tenant,
      ),
    ).toEqual([
      { external_id: 'A-2', moves: 1 },
      { external_id: 'A-1', moves: 1 },
    ]);
  });

  it('yield to what was booked here and the clinic’s system does not know', async () => {
    const tenant = await stand.newTenant();
    await stand.write(
      tenant,
      recordEvent('practitioner.upserted', 'D-1', {
        tenant_id: tenant.tenantId,
        practitioner: { name: 'Mehta' },
      }),
    );
    const [practitioner] = await stand.rows('SELECT id FROM practitioners WHERE tenant_id = $1', tenant);
    await bookHere(tenant, String(practitioner?.id), 0, 30);
    await stand.write(tenant, book(tenant, 'A-1', 10, 20, 1));
    expect(await conflicts(tenant)).toEqual(['A-1']);
  });
});

describe('an appointment told inside a long buffer', () => {
  const day = 1_440;
  const withBuffers = `UPDATE appointments SET buffer_before_minutes = 1440, buffer_after_minutes = 1440 WHERE id = $1`;

  it.each([
    ['behind it', day - 10],
    ['before it', -day + 10],
  ])('is a conflict that is kept: %s', async (_, from) => {
    const tenant = await stand.newTenant();
    await stand.write(tenant, book(tenant, 'A-0', 9 * day, 9 * day + 30, 1));
    const [practitioner] = await stand.rows('SELECT id FROM practitioners WHERE tenant_id = $1', tenant);
    const id = await bookHere(tenant, String(practitioner?.id), 0, 30);
    await stand.database.admin.query(withBuffers, [id]);
    await stand.write(tenant, book(tenant, 'A-1', from, from + 30, 2));
    expect(await conflicts(tenant)).toEqual(['A-1']);
  });
});

describe('an event that answers a change of ours', () => {
  it('gives our appointment its number, and makes no second one', async () => {
    const tenant = await stand.newTenant();
    const id = await bookHere(tenant, null, 0, 30);
    await stand.write(
      tenant,
      book(tenant, 'A-1', 0, 30, 1, {
        appointment_id: id.toUpperCase(),
        patient: somebody({ external_id: 'P-1' }),
      }),
    );
    await stand.write(
      tenant,
      recordEvent('appointment.confirmed', 'A-1', {
        tenant_id: tenant.tenantId,
        occurred_at: at + 5 * minute,
      }),
    );
    expect(
      await stand.rows(
        'SELECT id, external_id, source, status, channel FROM appointments WHERE tenant_id = $1',
        tenant,
      ),
    ).toEqual([{ id, external_id: 'A-1', source: 'clinic', status: 'confirmed', channel: 'voice' }]);
  });

  it('retires the second one that an event without our id had made', async () => {
    const tenant = await stand.newTenant();
    const id = await bookHere(tenant, null, 0, 30);
    await stand.write(
      tenant,
      book(tenant, 'A-1', 0, 30, 1),
      recordEvent('journey.step_scheduled', 'J-1', {
        tenant_id: tenant.tenantId,
        step: { appointment: 'A-1' },
      }),
    );
    await stand.write(tenant, book(tenant, 'A-1', 0, 30, 1, { appointment_id: id }));
    expect(
      await stand.rows(
        'SELECT id, external_id, conflict FROM appointments WHERE tenant_id = $1 AND NOT entered_in_error',
        tenant,
      ),
    ).toEqual([{ id, external_id: 'A-1', conflict: false }]);
    expect(await stand.rows('SELECT appointment_id FROM journey_steps WHERE tenant_id = $1', tenant)).toEqual(
      [{ appointment_id: id }],
    );
    expect(await stand.restate(tenant)).toBe(0);
  });

  it('frees what the retired one had stood in the way of', async () => {
    const tenant = await stand.newTenant();
    await stand.write(tenant, book(tenant, 'A-1', 0, 30, 1), book(tenant, 'A-2', 10, 20, 2));
    expect(await conflicts(tenant)).toEqual(['A-2']);
    const [practitioner] = await stand.rows('SELECT id FROM practitioners WHERE tenant_id = $1', tenant);
    const id = await bookHere(tenant, String(practitioner?.id), 60, 90);
    const answer = book(tenant, 'A-1', 60, 90, 1, { appointment_id: id });
    await stand.write(tenant, { ...answer, occurred_at: at + minute });
    expect(await conflicts(tenant)).toEqual([]);
    expect(await stand.restate(tenant)).toBe(0);
  });

  it('that is older than what was done here since does not undo it', async () => {
    const tenant = await stand.newTenant();
    const id = await bookHere(tenant, null, 0, 30);
    await stand.database.admin.query(
      `UPDATE appointments SET starts_at = starts_at + interval '1 day', ends_at = ends_at + interval '1 day', moves = 1, version = 2 WHERE id = $1`,
      [id],
    );
    await stand.database.admin.query(
      `INSERT INTO appointment_history (tenant_id, appointment_id, version, change, occurred_at, actor_kind, status, starts_at, ends_at)
       SELECT tenant_id, id, 2, 'moved', $2, 'user', status, starts_at, ends_at FROM appointments WHERE id = $1`,
      [id, new Date(at + 10 * minute)],
    );
    await stand.write(tenant, book(tenant, 'A-1', 0, 30, 1, { appointment_id: id, reason: 'cough' }));
    const moved = recordEvent('appointment.rescheduled', 'A-1', {
      tenant_id: tenant.tenantId,
      occurred_at: at + 11 * minute,
      appointment: { start: at + 1_440 * minute, end: at + 1_470 * minute },
    });
    const row = () =>
      stand.rows('SELECT starts_at, moves, reason FROM appointments WHERE tenant_id = $1', tenant);
    const expected = [{ starts_at: new Date(at + 1_440 * minute), moves: 1, reason: 'cough' }];
    expect(await row()).toEqual(expected);
    await stand.write(tenant, moved);
    expect(await row()).toEqual(expected);
  });
});
