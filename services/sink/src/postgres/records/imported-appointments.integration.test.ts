import { recordEvent, somebody } from '@switchboard/domain/records/testing/record-factories';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { openRecordStand, type RecordStand } from './testing/record-stand.ts';

const day = 86_400_000;
const start = Date.parse('2024-03-04T05:00:00Z');
let stand: RecordStand;

beforeAll(async () => {
  stand = await openRecordStand(inject('engines').postgresAdmin);
});
afterAll(() => stand.close());

const file = { source: 'import', origin: 'file' };
const visit = (patient: string, at: number, more: object = {}) => ({
  patient: somebody({ external_id: patient }),
  practitioner: { external_id: 'D-1', name: 'Mehta' },
  start: at,
  end: at + 1_200_000,
  ...more,
});

async function statedOf(tenant: Awaited<ReturnType<RecordStand['newTenant']>>) {
  return stand.rows(
    `SELECT a.external_id, a.moves, a.moved_at, f.basis, f.statement ->> 'local_date' AS local_date, (f.statement ->> 'new_patient')::int AS new_patient
     FROM fact_current f JOIN appointments a ON a.tenant_id = $1 AND a.id = f.entity_id
     WHERE f.tenant_id = $1 AND f.kind = 'appointment' AND f.statement IS NOT NULL ORDER BY 1, 4`,
    tenant,
  );
}

it.each([
  ['appointment.booked', null],
  ['appointment.completed', start + day],
])(
  'a file that knows no booking time (%s) books on no day, until somebody says it',
  async (type, occurred) => {
    const tenant = await stand.newTenant();
    const about = { tenant_id: tenant.tenantId };
    await stand.write(
      tenant,
      recordEvent(type, 'A-1', {
        ...about,
        ...file,
        occurred_at: occurred,
        appointment: visit('P-1', start),
      }),
      // Was booked since, before the file was read.
      recordEvent('appointment.booked', 'A-2', {
        ...about,
        occurred_at: start + 300 * day,
        appointment: visit('P-1', start + 310 * day),
      }),
    );
    expect(await stand.restate(tenant)).toBe(0);
    expect(await statedOf(tenant)).toEqual([
      expect.objectContaining({
        external_id: 'A-1',
        basis: 'starts',
        local_date: '2024-03-04',
        new_patient: 1,
      }),
      expect.objectContaining({
        external_id: 'A-2',
        basis: 'created',
        local_date: '2024-12-29',
        new_patient: 0,
      }),
      expect.objectContaining({ external_id: 'A-2', basis: 'starts', new_patient: 0 }),
    ]);
    await stand.write(
      tenant,
      recordEvent('appointment.booked', 'A-1', {
        ...about,
        occurred_at: start - 9 * day,
        appointment: visit('P-1', start),
      }),
    );
    expect(await stand.restate(tenant)).toBe(0);
    expect((await statedOf(tenant))[0]).toMatchObject({
      external_id: 'A-1',
      basis: 'created',
      local_date: '2024-02-24',
    });
  },
);

it('a file tells of a move, whatever became of the appointment, but not when', async () => {
  const tenant = await stand.newTenant();
  const about = { tenant_id: tenant.tenantId, ...file, occurred_at: start + 2 * day };
  const moved = visit('P-1', start, { moved_from_start: start - day, booked_at: start - 9 * day });
  await stand.write(
    tenant,
    recordEvent('appointment.completed', 'A-1', { ...about, appointment: moved }),
    recordEvent('appointment.no_show', 'A-2', {
      ...about,
      appointment: visit('P-1', start, { booked_at: start - 9 * day }),
    }),
  );
  expect(await stand.restate(tenant)).toBe(0);
  expect(await statedOf(tenant)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ external_id: 'A-1', moves: 1, moved_at: null }),
      expect.objectContaining({ external_id: 'A-2', moves: 0, moved_at: null }),
    ]),
  );
});

it('a row of a file that was read before this was known counts so once anything is told of it', async () => {
  const tenant = await stand.newTenant();
  const about = { tenant_id: tenant.tenantId, ...file };
  const tell = (occurred_at: number, reason: string) =>
    recordEvent('appointment.completed', 'A-1', {
      ...about,
      occurred_at,
      appointment: visit('P-1', start, { reason }),
    });
  await stand.write(tenant, tell(start + day, 'cough'));
  await stand.rows(
    'UPDATE appointments SET booking_time_unknown = false WHERE tenant_id = $1 RETURNING id',
    tenant,
  );
  await stand.restate(tenant);
  await stand.write(tenant, tell(start + 2 * day, 'fever'));
  expect((await statedOf(tenant)).map(({ basis }) => basis)).toEqual(['starts']);
});
