import { clinicNumberSql } from '../people/answered-patients.ts';
import type { Queryable } from '../pool.ts';

/** What the front desk knows of somebody; all of it must fit. */
export interface PatientFilter {
  /** Parts of the name, in any order. */
  nameParts?: readonly string[];
  /** The whole number in E.164; digits as typed, which may be a part of it; what its E.164 begins with, if that is what was typed. */
  phone?: { e164: string | null; digits: string; begins?: string | undefined };
  /** ISO date. */
  bornOn?: string;
}

export interface PatientListRow {
  id: string;
  first_name: string | null;
  last_name: string | null;
  date_of_birth: string | null;
  external_id: string | null;
  test_data: boolean;
  created_at: Date;
  phones: string[];
}

export interface PatientPage {
  rows: PatientListRow[];
  total: number;
}

/**
 * Patients of the open transaction's tenant that fit, by name; without a filter all, newest first. Who was merged is
 * found as the patient it was merged into.
 */
export async function listPatients(
  db: Queryable,
  tenantId: string,
  filter: PatientFilter,
  page: { limit: number; offset: number },
): Promise<PatientPage> {
  const values: unknown[] = [tenantId];
  const add = (value: unknown) => `$${values.push(value)}`;
  const where = conditions(filter, add);
  const order = where.length > 1 ? 'p.last_name NULLS LAST, p.first_name NULLS LAST, p.id' : 'p.id DESC';
  const { rows: counted } = await db.query<{ total: number }>(
    `SELECT count(*)::int AS total FROM patients p WHERE ${where.join(' AND ')}`,
    values,
  );
  const { rows } = await db.query<PatientListRow>(
    `SELECT p.id, p.first_name, p.last_name, p.date_of_birth, ${clinicNumberSql} AS external_id, p.test_data, p.created_at,
       ARRAY (SELECT DISTINCT i.value FROM patients m
         JOIN patient_identifiers i ON i.tenant_id = m.tenant_id AND i.patient_id = m.id AND i.kind = 'phone'
         WHERE m.tenant_id = p.tenant_id AND (m.id = p.id OR m.merged_into = p.id) ORDER BY 1) AS phones
     FROM patients p WHERE ${where.join(' AND ')}
     ORDER BY ${order} LIMIT ${add(page.limit)} OFFSET ${add(page.offset)}`,
    values,
  );
  return { rows, total: counted[0]?.total ?? 0 };
}

function conditions(filter: PatientFilter, add: (value: unknown) => string): string[] {
  const where = [`p.tenant_id = $1 AND p.status = 'active'`];
  const { nameParts, phone, bornOn } = filter;
  if (nameParts)
    where.push(
      `p.id IN (SELECT patient_id FROM search_patients_by_name(${add(nameParts.map(containing))}::text[]))`,
    );
  if (phone)
    where.push(
      `p.id IN (SELECT patient_id FROM search_patients_by_phone(${add([
        ...(phone.e164 === null ? [] : [phone.e164]),
        containing(phone.digits),
        ...(phone.begins === undefined ? [] : [`${phone.begins}%`]),
      ])}::text[]))`,
    );
  if (bornOn !== undefined)
    where.push(
      `p.id IN (SELECT coalesce(b.merged_into, b.id) FROM patients b WHERE b.tenant_id = $1 AND b.date_of_birth = ${add(bornOn)}::date)`,
    );
  return where;
}

function containing(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`;
}
