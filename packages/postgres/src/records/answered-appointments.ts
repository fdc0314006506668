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

/** Marks appointments as entered in error: each is another one, told a second time. */
export async function retireAppointments(
  client: Queryable,
  tenantId: string,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return;
  await client.query(
    `UPDATE appointments SET entered_in_error = true, source = NULL, external_id = NULL, version = version + 1
     WHERE tenant_id = $1 AND id = ANY ($2::uuid[])`,
    [tenantId, ids],
  );
}

/** Gives steps of journeys from one appointment to another. */
export async function giveSteps(
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
}
