import type { Queryable } from '../pool.ts';

/** Tries to prove who one is, per call and phone. */
const mostTries = 3;
/** Whoever names one phone after another, or calls again and again, doesn't guess on: in a call, and with a phone in a day. */
const [mostInCall, mostWithPhone] = [9, 30];

/**
 * Counts a try to prove who one is; others of the same call or phone wait for the end of the transaction.
 * @param phone E.164; empty: none that can be read
 * @returns whether it is one of the first three, and not one of too many
 */
export async function beginTry(
  client: Queryable,
  tenantId: string,
  callRef: string,
  phone: string,
): Promise<boolean> {
  await client.query(
    `SELECT pg_advisory_xact_lock(hashtextextended($1 || ' call ' || $2, 0)), pg_advisory_xact_lock(hashtextextended($1 || ' phone ' || $3, 0))`,
    [tenantId, callRef, phone],
  );
  const { rowCount } = await client.query(
    `INSERT INTO voice_tool_callers AS c (tenant_id, call_ref, phone, tries)
     SELECT $1::uuid, $2::text, $3::text, 1
     WHERE (SELECT coalesce(sum(o.tries), 0) FROM voice_tool_callers o WHERE o.tenant_id = $1 AND o.call_ref = $2) < ${mostInCall}
       AND ($3 = '' OR (SELECT coalesce(sum(o.tries), 0) FROM voice_tool_callers o
         WHERE o.tenant_id = $1 AND o.phone = $3 AND o.updated_at > now() - interval '1 day') < ${mostWithPhone})
     ON CONFLICT (tenant_id, call_ref, phone) DO UPDATE SET tries = c.tries + 1 WHERE c.tries < ${mostTries}`,
    [tenantId, callRef, phone],
  );
  return (rowCount ?? 0) > 0;
}

/** Keeps whom the caller proved to be; that try counts no more. */
export async function keepProof(
  client: Queryable,
  tenantId: string,
  callRef: string,
  phone: string,
  patientId: string,
): Promise<void> {
  await client.query(
    `UPDATE voice_tool_callers SET tries = tries - 1, patient_ids = array_append(array_remove(patient_ids, $4::uuid), $4::uuid)
     WHERE tenant_id = $1 AND call_ref = $2 AND phone = $3`,
    [tenantId, callRef, phone, patientId],
  );
}

/** Whom the caller of a call proved to be: patients who stand for themselves, whoever was merged into another meanwhile. */
export async function provenPatients(
  client: Queryable,
  tenantId: string,
  callRef: string,
): Promise<Set<string>> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT DISTINCT coalesce(p.merged_into, p.id) AS id FROM patients p
     WHERE p.tenant_id = $1 AND p.id = ANY (ARRAY (
       SELECT unnest(c.patient_ids) FROM voice_tool_callers c WHERE c.tenant_id = $1 AND c.call_ref = $2))`,
    [tenantId, callRef],
  );
  return new Set(rows.map(({ id }) => id));
}

/** Ids of the patients who were born on a date, at most a thousand. */
export async function patientsBornOn(client: Queryable, tenantId: string, date: string): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT id FROM patients WHERE tenant_id = $1 AND date_of_birth = $2 AND date_of_birth IS NOT NULL AND status = 'active' LIMIT 1000`,
    [tenantId, date],
  );
  return rows.map(({ id }) => id);
}
