import { uuidV7 } from '@switchboard/domain/ids';
import type { Queryable } from '../pool.ts';

/** Who a person says that a new patient is. */
export interface NewPatient {
  firstName: string | null;
  lastName: string | null;
  /** ISO date. */
  dateOfBirth: string | null;
  /** E.164. */
  phone: string | null;
}

export type PatientOrigin = 'voice' | 'whatsapp' | 'desk';

/** Makes a patient that no event takes away again. @returns its id */
export async function createPatient(
  client: Queryable,
  tenantId: string,
  origin: PatientOrigin,
  patient: NewPatient,
  nowMs: number,
): Promise<string> {
  const id = uuidV7(nowMs);
  await client.query(
    `INSERT INTO patients (tenant_id, id, first_name, last_name, date_of_birth, origin) VALUES ($1, $2, $3, $4, $5, $6)`,
    [tenantId, id, patient.firstName, patient.lastName, patient.dateOfBirth, origin],
  );
  if (patient.phone !== null)
    await client.query(
      `INSERT INTO patient_identifiers (tenant_id, patient_id, kind, value) VALUES ($1, $2, 'phone', $3)`,
      [tenantId, id, patient.phone],
    );
  return id;
}
