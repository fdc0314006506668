import type { Queryable } from '../pool.ts';

export interface UpcomingVisit {
  id: string;
  starts_at: Date;
  ends_at: Date;
  status: string;
  practitioner_id: string | null;
  location_id: string | null;
  confirmation_code: string | null;
}

/** A patient's next visits, at most five. */
export async function loadUpcoming(
  client: Queryable,
  tenantId: string,
  patientId: string,
  now: Date,
): Promise<UpcomingVisit[]> {
  const { rows } = await client.query<UpcomingVisit>(
    `SELECT id, starts_at, ends_at, status, practitioner_id, location_id, confirmation_code FROM appointments
     WHERE tenant_id = $1 AND patient_id = $2 AND starts_at >= $3 AND status IN ('scheduled', 'confirmed')
       AND NOT entered_in_error AND NOT placeholder
     ORDER BY starts_at, id LIMIT 5`,
    [tenantId, patientId, now],
  );
  return rows;
}
