import { noId } from '@switchboard/domain/facts/statement-parts';
import { type Pool, type Queryable, withTenant } from '../pool.ts';
import { loadTenantSettings } from '../tenants.ts';
import type { AgedPlace } from './aged-records.ts';
import { type EraseOptions, erasePatient } from './erase-patient.ts';

/** Patients who are looked for at once. */
const perPage = 10;

/**
 * Erases the next of a clinic's patients whom it keeps no longer, as {@link erasePatient} does: nothing was told of them,
 * they neither called nor wrote nor had an appointment or a step of a journey, for as long as the clinic keeps patients. Who is
 * heard of before it is their turn is left alone.
 * @returns where it ended; undefined: there are no more
 */
export async function eraseUnseen(
  { pool, ...options }: { pool: Pool } & Pick<EraseOptions, 'pseudonymKey' | 'now' | 'onStep'>,
  tenantId: string,
  after: AgedPlace | undefined,
): Promise<AgedPlace | undefined> {
  const tenant = (await loadTenantSettings(pool, [tenantId])).get(tenantId);
  if (!tenant) return undefined;
  const page = await withTenant(pool, tenantId, (client) => findUnseen(client, tenantId, after));
  const by = { kind: 'system', id: 'retention' } as const;
  for (const { id: patientId } of page) {
    const isDue = (client: Queryable) => isUnseen(client, tenantId, patientId);
    await erasePatient(pool, { ...options, tenant, patientId, by, isDue });
  }
  return page.at(-1);
}

async function findUnseen(
  client: Queryable,
  tenantId: string,
  after: AgedPlace | undefined,
): Promise<AgedPlace[]> {
  const { rows } = await client.query<AgedPlace>(
    `SELECT p.updated_at::text AS at, p.id FROM patients p
     WHERE p.tenant_id = $1 AND (p.updated_at, p.id) > ($2::timestamptz, $3::uuid) AND ${unseen}
     ORDER BY p.updated_at, p.id LIMIT $4`,
    [tenantId, after?.at ?? '-infinity', after?.id ?? noId, perPage],
  );
  return rows;
}

async function isUnseen(client: Queryable, tenantId: string, id: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT FROM patients p WHERE p.tenant_id = $1 AND p.id = $2 AND ${unseen}`,
    [tenantId, id],
  );
  return rowCount === 1;
}

const kept = `(SELECT now() - make_interval(days => (t.retention_days ->> 'patients')::int) FROM tenants t WHERE t.id = $1)`;
const heardOf = (table: string, at: string, join = '') =>
  `EXISTS (SELECT FROM ${table} r ${join} WHERE r.tenant_id = $1 AND r.patient_id = p.id AND ${at} >= ${kept})`;
const steps = 'JOIN journey_steps s ON s.tenant_id = $1 AND s.journey_id = r.id';

const unseen = `p.erased_at IS NULL AND p.merged_into IS NULL AND p.updated_at < ${kept}
  AND NOT ${heardOf('appointments', 'r.starts_at')}
  AND NOT ${heardOf('voice_calls', 'r.began_at')}
  AND NOT ${heardOf('conversations', 'coalesce(r.last_message_at, r.began_at, r.created_at)')}
  AND NOT ${heardOf('booking_requests', 'r.created_at')}
  AND NOT ${heardOf('journeys', 'coalesce(r.ended_at, r.started_at, r.created_at)')}
  AND NOT ${heardOf('journeys', 'greatest(s.due_at, s.completed_at)', steps)}`;
