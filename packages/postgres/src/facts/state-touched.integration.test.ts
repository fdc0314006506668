import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type ClinicStand, createClinicStand } from './testing/clinic-stand.ts';

let stand: ClinicStand;

beforeAll(async () => {
  stand = await createClinicStand(inject('engines').postgresAdmin);
});

afterAll(() => stand.close());

describe('an appointment', () => {
  it('that is moved to another day and practitioner, then cancelled, takes the old day down and the new one up', async () => {
    const [patient, first, second, id] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    const row = {
      id,
      patient_id: patient,
      practitioner_id: first,
      starts_at: '2026-11-20T05:00:00Z',
      ends_at: '2026-11-20T05:20:00Z',
      booked_at: '2026-11-18T05:00:00Z',
    };
    const clinic = { patients: [{ id: patient }], practitioners: [{ id: first }, { id: second }] };
    expect(await stand.write({ ...clinic, appointments: [row] }, { appointments: [id] })).toBe(2);
    expect(await stand.stated('appointment', id)).toMatchObject({
      starts: { local_date: '2026-11-20', practitioner_id: first, new_patient: 1, first_event: 1 },
      created: { local_date: '2026-11-18' },
    });
    const moved = {
      ...row,
      practitioner_id: second,
      starts_at: '2026-11-23T05:00:00Z',
      ends_at: '2026-11-23T05:20:00Z',
      moves: 1,
    };
    await stand.write({ appointments: [moved] }, { appointments: [id] });
    const cancelled = {
      ...moved,
      status: 'cancelled',
      cancelled_at: '2026-11-22T20:00:00Z',
      cancelled_by: 'patient',
    };
    expect(await stand.write({ appointments: [cancelled] }, { appointments: [id] })).toBe(3);
    expect(await stand.stated('appointment', id)).toMatchObject({
      starts: { local_date: '2026-11-23', practitioner_id: second, status: 'cancelled', late_cancelled: 1 },
      created: { local_date: '2026-11-18', moves: 1 },
      cancelled: { local_date: '2026-11-23' },
    });
    expect(await stand.imbalance()).toEqual([]);
    expect(await stand.write({ appointments: [cancelled] }, { appointments: [id] })).toBe(0);
  });
});
