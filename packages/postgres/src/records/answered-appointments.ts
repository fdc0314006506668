import type { Queryable } from '../pool.ts';

/** Of these appointments those that exist and that the clinic's system does not number yet. */
export async function loadAnswered(
  client: Queryable,
  tenantId: string,
  ids: readonly string[],
): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const { rows } = await client.query<{ id: string }>(
    'SELECT id FROM appointments WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) AND external_id IS NULL AND NOT entered_in_error',
    [tenantId, ids],
  );
  return new Set(rows.map((row) => row.id));
}

/** A visit as the clinic's system tells of it, and who stands for its patient. */
export interface ToldVisit {
  patientId: string;
  practitionerId: string;
  /** Unix ms, as when it was told to be so. */
  startsAt: number;
  toldAt: number;
  /** Unix ms, of one that is told to be cancelled or missed; null: it stands. */
  givenUpAt: number | null;
}

/**
 * For each visit the appointment of the same patient, practitioner and start that was made here, and that the clinic's
 * system does not number yet: as it is, or, of one that was changed here since, as it was when the visit was told. One that
 * was given up before that is another.
 * @returns ids in the order of the visits; null: there is none
 */
export async function findMadeHere(
  client: Queryable,
  tenantId: string,
  visits: readonly ToldVisit[],
): Promise<(string | null)[]> {
  if (visits.length === 0) return [];
  const { rows } = await client.query<{ id: string | null }>(
    `SELECT a.id FROM jsonb_to_recordset($2::jsonb)
       AS v (place int, patient_id uuid, practitioner_id uuid, starts_at timestamptz, told_at timestamptz, given_up_at timestamptz)
     LEFT JOIN LATERAL (
       SELECT a.id FROM appointments a
       WHERE a.tenant_id = $1 AND a.patient_id = v.patient_id AND a.practitioner_id = v.practitioner_id
         AND a.external_id IS NULL AND a.status <> 'held' AND NOT a.placeholder AND NOT a.entered_in_error
         AND (a.status NOT IN ('cancelled', 'no_show') OR a.cancelled_at > v.told_at)
         AND coalesce(a.booked_at, a.created_at) <= coalesce(v.given_up_at, 'infinity')
         AND (a.starts_at = v.starts_at OR (a.moved_at > v.told_at AND EXISTS (SELECT FROM appointment_history h
           WHERE h.tenant_id = $1 AND h.appointment_id = a.id AND h.starts_at = v.starts_at)))
       ORDER BY a.starts_at = v.starts_at DESC, a.status = 'cancelled', a.created_at, a.id LIMIT 1) a ON true
     ORDER BY v.place`,
    [
      tenantId,
      JSON.stringify(
        visits.map(({ patientId, practitionerId, startsAt, toldAt, givenUpAt }, place) => ({
          place,
          patient_id: patientId,
          practitioner_id: practitionerId,
          starts_at: new Date(startsAt),
          told_at: new Date(toldAt),
          given_up_at: givenUpAt === null ? null : new Date(givenUpAt),
        })),
      ),
    ],
  );
  return rows.map(({ id }) => id);
}

/** Marks appointments as entered in error: each is another one, told a second time. */
export async function retireAppointments(
  client: Queryable,
  tenantId: string,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return;
  await client.query(
    `UPDATE appointments SET entered_in_error = true, twin_of = NULL, source = NULL, external_id = NULL, version = version + 1
     WHERE tenant_id = $1 AND id = ANY ($2::uuid[])`,
    [tenantId, ids],
  );
}

/** Lets steps of journeys, states that wait, and what calls ask for name another appointment. */
export async function handOver(
  client: Queryable,
  tenantId: string,
  pairs: readonly { from: string; to: string }[],
): Promise<void> {
  if (pairs.length === 0) return;
  const [from, to] = [pairs.map((pair) => pair.from), pairs.map((pair) => pair.to)];
  await client.query(
    `UPDATE journey_steps s SET appointment_id = n.to_id FROM unnest($2::uuid[], $3::uuid[]) AS n (from_id, to_id)
     WHERE s.tenant_id = $1 AND s.appointment_id = n.from_id`,
    [tenantId, from, to],
  );
  await client.query(
    `UPDATE record_states r SET awaits = n.to_id FROM unnest($2::uuid[], $3::uuid[]) AS n (from_id, to_id)
     WHERE r.tenant_id = $1 AND r.awaits = n.from_id`,
    [tenantId, from, to],
  );
  await client.query(
    `UPDATE booking_requests b SET appointment_id = n.to_id FROM unnest($2::uuid[], $3::uuid[]) AS n (from_id, to_id)
     WHERE b.tenant_id = $1 AND b.appointment_id = n.from_id`,
    [tenantId, from, to],
  );
}
