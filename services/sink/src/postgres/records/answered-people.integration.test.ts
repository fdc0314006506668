import { randomUUID } from 'node:crypto';
import { recordEvent, somebody } from '@switchboard/domain/records/testing/record-factories';
import { withTenant } from '@switchboard/postgres';
import { readPatient } from '@switchboard/postgres/api/patient-detail';
import { unmergePatients } from '@switchboard/postgres/people/merge-patients';
import type { TenantSettings } from '@switchboard/postgres/tenants';
import type { PatientDetails } from '@switchboard/schemas';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { openRecordStand, type RecordStand } from './testing/record-stand.ts';

const start = Date.parse('2026-11-20T05:00:00Z');
const booked = Date.parse('2026-11-18T05:00:00Z');
const minute = 60_000;
const phone = '+919812345678';

let stand: RecordStand;
let tenant: TenantSettings;
let asha: string;
let visit: string;

beforeAll(async () => {
  stand = await openRecordStand(inject('engines').postgresAdmin);
});
afterAll(() => stand.close());

const begin = async () => {
  tenant = await stand.newTenant();
  asha = await caller('Asha', phone);
  visit = await bookHere(asha, 0);
};
beforeEach(begin);

/** A patient that a call made. */
async function caller(first: string, number: string): Promise<string> {
  const id = randomUUID();
  await stand.rows(
    `INSERT INTO patients (tenant_id, id, first_name, last_name, origin) VALUES ($1, $2, $3, 'Rao', 'voice')`,
    tenant,
    id,
    first,
  );
  await stand.rows(
    `INSERT INTO patient_identifiers (tenant_id, patient_id, kind, value) VALUES ($1, $2, 'phone', $3)`,
    tenant,
    id,
    number,
  );
  return id;
}

async function bookHere(patientId: string, hour: number): Promise<string> {
  const id = randomUUID();
  const from = start + hour * 60 * minute;
  await stand.rows(
    `INSERT INTO appointments (tenant_id, id, patient_id, status, starts_at, ends_at, booked_at, channel, confirmation_code)
     VALUES ($1, $2, $3, 'scheduled', $4, $5, $6, 'voice', left(md5(random()::text), 8))`,
    tenant,
    id,
    patientId,
    new Date(from),
    new Date(from + 30 * minute),
    new Date(booked),
  );
  return id;
}

/** What the clinic's system tells of a visit of ours. */
const answer = (
  appointment_id: string,
  number: string,
  at: number,
  patient: Partial<PatientDetails> | null,
) =>
  recordEvent('appointment.booked', `A ${appointment_id}`, {
    tenant_id: tenant.tenantId,
    occurred_at: booked + at * minute,
    appointment: {
      appointment_id,
      start,
      end: start + 30 * minute,
      patient: patient && somebody({ external_id: number, ...patient }),
    },
  });

const created = (number: string, at: number, patient: Partial<PatientDetails>) =>
  recordEvent('patient.created', number, {
    tenant_id: tenant.tenantId,
    occurred_at: booked + at * minute,
    patient,
  });

/** Whose a visit is, and their number. */
const whose = (id = visit) =>
  withTenant(stand.options.pool, tenant.tenantId, async (client) => {
    const { rows } = await client.query<{ patient_id: string }>(
      'SELECT patient_id FROM appointments WHERE tenant_id = $1 AND id = $2',
      [tenant.tenantId, id],
    );
    const patient = await readPatient(client, tenant.tenantId, rows[0]?.patient_id ?? '');
    return {
      number: patient?.external_id,
      name: patient?.first_name,
      phones: patient?.identifiers.map(({ value }) => value),
      status: patient?.status,
    };
  });
const patientOf = async (number: string) =>
  (await stand.rows('SELECT id FROM patients WHERE tenant_id = $1 AND external_id = $2', tenant, number))[0]
    ?.id;
const standsFor = async (id: string) =>
  (await stand.rows('SELECT merged_into FROM patients WHERE tenant_id = $1 AND id = $2', tenant, id))[0]
    ?.merged_into;

const unmerge = (absorbedId: string) =>
  withTenant(stand.options.pool, tenant.tenantId, (client) =>
    unmergePatients(client, {
      tenant,
      pseudonymKey: stand.options.pseudonymKey,
      survivorId: asha,
      absorbedId,
      by: { userId: randomUUID() },
      now: Date.now(),
    }),
  );

const ashas = { number: 'P-9', name: 'Asha', phones: [phone], status: 'active' };
const ravis = { number: 'P-9', name: 'Ravi', phones: [], status: 'active' };
const nobodys = { number: 'P-9', name: null, phones: [], status: 'active' };

describe('the clinic’s number of a patient whom we booked for, told with the visit', () => {
  it('is the patient’s, who keeps the visit', async () => {
    await stand.write(tenant, answer(visit, 'P-9', 1, {}));
    expect(await whose()).toEqual(ashas);
    expect(await standsFor(asha)).toBeNull();
    expect(await stand.restate(tenant)).toBe(0);
    expect(await stand.drift(tenant)).toEqual({});
  });

  it('is the patient’s where it was named before, and where it is told after the visit was confirmed', async () => {
    const journey = { patient: somebody({ external_id: 'P-9' }) };
    await stand.write(
      tenant,
      recordEvent('journey.started', 'J-1', { tenant_id: tenant.tenantId, journey }),
      answer(visit, 'P-9', 1, null),
    );
    await stand.write(tenant, answer(visit, 'P-9', 2, {}));
    expect(await whose()).toEqual(ashas);
    expect(await stand.rows('SELECT patient_id FROM journeys WHERE tenant_id = $1', tenant)).toEqual([
      { patient_id: asha },
    ]);
  });

  it.each([
    ['an alike name', { full_name: 'Asha Rao', date_of_birth: '1988-04-12' }, ashas, true],
    ['another name', { full_name: 'Ravi Menon' }, ravis, false],
  ])('ends the same told by %s before, with it or later', async (_, person, end, isOne) => {
    const told = () => created('P-9', 5, person);
    const number = () => answer(visit, 'P-9', 1, {});
    for (const batches of [[[number, told]], [[number], [told]], [[told], [number]]]) {
      await begin();
      for (const batch of batches) await stand.write(tenant, ...batch.map((event) => event()));
      expect(await whose()).toEqual(end);
      const theirs = await patientOf('P-9');
      expect(await standsFor(asha)).toBe(isOne ? theirs : null);
      expect(await stand.restate(tenant)).toBe(0);
      expect(await stand.drift(tenant)).toEqual({});
    }
  });

  it('is nobody else’s who was told to have it', async () => {
    await stand.write(tenant, answer(visit, 'P-9', 1, { first_name: 'Ravi' }));
    expect(await whose()).toEqual(ravis);
    expect(await standsFor(asha)).toBeNull();
  });

  it('is nobody’s where visits of different people have it, together or one after the other', async () => {
    for (const together of [true, false]) {
      await begin();
      const other = await bookHere(await caller('Ravi', '+919898989898'), 2);
      const again = await bookHere(asha, 4);
      const events = [visit, other, again].map((id) => answer(id, 'P-9', 1, {}));
      if (together) await stand.write(tenant, ...events);
      else for (const event of events) await stand.write(tenant, event);
      for (const id of [visit, other, again]) expect(await whose(id)).toEqual(nobodys);
      expect(await stand.restate(tenant)).toBe(0);
    }
  });

  it('is not a mistaken one that was told before', async () => {
    await stand.write(tenant, answer(visit, 'P-8', 1, {}));
    await stand.write(tenant, answer(visit, 'P-9', 2, {}));
    expect(await whose()).toEqual(ashas);
    expect(await standsFor(String(await patientOf('P-8')))).toBeNull();
  });

  it('is another patient’s where ours has one: two numbers are never one person', async () => {
    await stand.write(tenant, answer(visit, 'P-8', 1, {}));
    const second = await bookHere(asha, 2);
    await stand.write(tenant, answer(second, 'P-9', 2, {}));
    expect(await whose(second)).toEqual(nobodys);
    expect(await whose()).toEqual({ ...ashas, number: 'P-8' });
    const person = { full_name: 'Asha Rao', phones: [phone] };
    await stand.write(tenant, created('P-7', 3, person));
    expect(await whose()).toEqual({ ...ashas, number: 'P-8' });
  });

  it('is its own again after an unmerge, with its visit, and stays so', async () => {
    await stand.write(tenant, answer(visit, 'P-9', 1, {}));
    await unmerge(String(await patientOf('P-9')));
    expect(await whose()).toEqual(nobodys);
    const second = await bookHere(asha, 2);
    await stand.write(tenant, answer(visit, 'P-9', 2, {}), answer(second, 'P-9', 2, {}));
    expect(await whose()).toEqual(nobodys);
    expect(await standsFor(asha)).toBeNull();
    expect(await stand.restate(tenant)).toBe(0);
  });
});
