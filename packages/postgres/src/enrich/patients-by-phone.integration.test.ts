import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createPool, type Pool } from '../pool.ts';
import { loadPatientsByPhone } from './patients-by-phone.ts';

let database: TestDatabase;
let pool: Pool;
let tenantId: string;

const phoneOf = (index: number) => `+9198${String(index).padStart(8, '0')}`;
const idOf = (index: number) => `00000000-0000-7000-8000-${String(index).padStart(12, '0')}`;
const patients = 1_500;

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  tenantId = await database.addTenant();
  pool = createPool({ url: database.urlAs('switchboard_enrich'), applicationName: 'test' });
  // As in a first busy minute: what the planner knows of these tables is that they have a row.
  await database.admin.query('ALTER TABLE patients SET (autovacuum_enabled = false)');
  await database.admin.query('ALTER TABLE patient_identifiers SET (autovacuum_enabled = false)');
  await addPatients(0, 1);
  await database.admin.query('ANALYZE patients, patient_identifiers');
  await addPatients(1, patients);
});

async function addPatients(from: number, to: number): Promise<void> {
  const indexes = Array.from({ length: to - from }, (_, offset) => from + offset);
  await database.admin.query(
    `INSERT INTO patients (tenant_id, id, first_name, origin) SELECT $1, id, 'Asha', 'voice' FROM unnest($2::uuid[]) id`,
    [tenantId, indexes.map(idOf)],
  );
  await database.admin.query(
    `INSERT INTO patient_identifiers (tenant_id, patient_id, kind, value)
     SELECT $1, id, 'phone', phone FROM unnest($2::uuid[], $3::text[]) AS n (id, phone)`,
    [tenantId, indexes.map(idOf), indexes.map(phoneOf)],
  );
}

afterAll(async () => {
  await pool?.end();
  await database?.drop();
});

describe('patients by phone', () => {
  it('are found without statistics, for a batch of hundreds (once it read every patient for each one found)', async () => {
    const phones = Array.from({ length: 400 }, (_, index) => phoneOf(index));
    const found = await loadPatientsByPhone(pool, tenantId, phones);
    expect(found.map(({ id, phones: theirs }) => [id, theirs])).toEqual(
      phones.map((phone, index) => [idOf(index), [phone]]),
    );
  });

  it('names what was merged by whom it was merged into, with the phones of both', async () => {
    await database.admin.query(
      "UPDATE patients SET status = 'merged', merged_into = $2 WHERE tenant_id = $1 AND id = $3",
      [tenantId, idOf(1), idOf(2)],
    );
    const found = await loadPatientsByPhone(pool, tenantId, [phoneOf(2), phoneOf(7)]);
    expect(found.map(({ id, phones }) => [id, phones])).toEqual([
      [idOf(1), [phoneOf(1), phoneOf(2)]],
      [idOf(7), [phoneOf(7)]],
    ]);
  });
});
