import { noId } from '@switchboard/domain/facts/statement-parts';
import type { Queryable } from '../pool.ts';
import { isCounted, isTest } from './counted.ts';
import { findStale, leaveToUpkeep } from './stale-owners.ts';
import type { ToState } from './touched.ts';

/** Of one practitioner or type, so many are stated at once; where there are more, all are left to the next upkeep. */
const mostAtOnce = 100;

/** Records of these patients of which something else is stated than that they are theirs and count. */
export async function findOfPatients(
  client: Queryable,
  tenantId: string,
  patientIds: readonly string[],
  found: ToState,
): Promise<void> {
  if (patientIds.length === 0) return;
  const { rows } = await client.query<{ list: keyof ToState; id: string }>(ofPatientsSql, [
    tenantId,
    patientIds,
  ]);
  for (const { list, id } of rows) found[list].add(id);
}

/** Records that count under their practitioner's department, if another one is stated. */
export async function findOfPractitioners(
  client: Queryable,
  tenantId: string,
  practitionerIds: readonly string[],
  found: ToState,
): Promise<void> {
  if (practitionerIds.length === 0) return;
  // How far the upkeep has come says nothing of what their newest state: it begins again.
  const stale = await findStale(client, tenantId, 'practitioner', practitionerIds);
  for (const owner of stale) await leaveToUpkeep(client, tenantId, owner);
  for (const id of practitionerIds) {
    const { rows } = await client.query<{ list: 'appointments' | 'journeys'; id: string }>(
      ofPractitionerSql,
      [tenantId, id, mostAtOnce + 1],
    );
    for (const list of ['appointments', 'journeys'] as const) {
      if (stale.some((owner) => owner.id === id && owner.records === list)) continue;
      const ids = rows.filter((row) => row.list === list).map((row) => row.id);
      if (ids.length <= mostAtOnce) for (const one of ids) found[list].add(one);
      else await leaveToUpkeep(client, tenantId, { records: list, kind: 'practitioner', id });
    }
  }
}

/** Appointments of these types. */
export async function findOfTypes(
  client: Queryable,
  tenantId: string,
  typeIds: readonly string[],
  found: ToState,
): Promise<void> {
  for (const id of typeIds) {
    const { rows } = await client.query<{ id: string }>(
      'SELECT id FROM appointments WHERE tenant_id = $1 AND appointment_type_id = $2 LIMIT $3',
      [tenantId, id, mostAtOnce + 1],
    );
    if (rows.length <= mostAtOnce) for (const row of rows) found.appointments.add(row.id);
    else await leaveToUpkeep(client, tenantId, { records: 'appointments', kind: 'appointment_type', id });
  }
}

const differing = (kind: string, basis: string, table: string, counts: string, always = 'false') => `
  SELECT '${table}' AS list, r.id FROM ${table === 'calls' ? 'voice_calls' : table} r
  LEFT JOIN fact_current f ON f.tenant_id = $1 AND f.kind = '${kind}' AND f.entity_id = r.id AND f.basis = '${basis}'
  WHERE r.tenant_id = $1 AND r.patient_id = ANY ($2::uuid[])
    AND (f.statement ->> 'patient_id' IS DISTINCT FROM CASE WHEN ${counts} THEN r.patient_id::text END OR ${always})`;

const ofPatientsSql = [
  differing('appointment', 'starts', 'appointments', `${isCounted('r')} AND NOT ${isTest('r')}`),
  // One that is known by a reference alone states nothing that could differ, but its steps may.
  differing(
    'journey',
    'started',
    'journeys',
    `NOT r.entered_in_error AND NOT ${isTest('r')}`,
    'r.placeholder',
  ),
  differing('conversation', 'created', 'conversations', `NOT ${isTest('r')}`),
  differing('voice_call', 'started', 'calls', `NOT ${isTest('r')}`),
].join(' UNION ALL ');

// All of a practitioner's statements name one department: the newest that is in force tells for all. One that still names
// another practitioner tells nothing of this one.
const ofPractitionerOf = (kind: string, basis: string, table: string, newest: string, also: string) => `
  (SELECT '${table}' AS list, r.id FROM ${table} r
   WHERE r.tenant_id = $1 AND r.practitioner_id = $2 AND ${also}
     AND (SELECT f.statement ->> 'department_id' FROM ${table} n
          JOIN fact_current f ON f.tenant_id = $1 AND f.kind = '${kind}' AND f.entity_id = n.id AND f.basis = '${basis}'
            AND f.statement IS NOT NULL AND f.statement_version > 0 AND f.statement ->> 'practitioner_id' = $2::text
          WHERE n.tenant_id = $1 AND n.practitioner_id = $2 AND ${also.replaceAll('r.', 'n.')} ORDER BY n.${newest} DESC LIMIT 1)
       <> (SELECT coalesce(p.department_id, '${noId}')::text FROM practitioners p WHERE p.tenant_id = $1 AND p.id = $2)
   LIMIT $3)`;

const ofPractitionerSql = [
  ofPractitionerOf('appointment', 'starts', 'appointments', 'starts_at', 'true'),
  ofPractitionerOf('journey', 'started', 'journeys', 'started_at', 'r.department_id IS NULL'),
  // One that is known by a reference alone states nothing, but its steps do.
  `(SELECT 'journeys' AS list, r.id FROM journeys r
   WHERE r.tenant_id = $1 AND r.practitioner_id = $2 AND r.department_id IS NULL AND r.placeholder
     AND EXISTS (SELECT FROM journey_steps s
       JOIN fact_current f ON f.tenant_id = $1 AND f.kind = 'journey_step' AND f.entity_id = s.id AND f.statement IS NOT NULL
       WHERE s.tenant_id = $1 AND s.journey_id = r.id AND f.statement ->> 'department_id' <>
         (SELECT coalesce(p.department_id, '${noId}')::text FROM practitioners p WHERE p.tenant_id = $1 AND p.id = $2))
   LIMIT $3)`,
].join(' UNION ALL ');
