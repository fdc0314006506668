import type { Queryable } from '../pool.ts';

/** What the clinic's system says of a visit, journey, step or message that may tell of a patient: fields of its states. */
export const tellingFields = [
  'patient',
  'patient_external_id',
  'reason',
  'cancel_reason',
  'notes',
  'result',
  'from_address',
  'to_address',
  'subject',
  'body',
  'conversation',
] as const;

/** Whether a state tells of a patient. */
export const tells = (state: string) =>
  `(${state}.state -> 'extra' <> '{}' OR EXISTS (SELECT FROM unnest('{${tellingFields.join(',')}}'::text[]) AS f (name),
     jsonb_each(${state}.state #> ARRAY['fields', f.name]) AS s WHERE s.value -> 'value' <> 'null'))`;

/**
 * Empties what the clinic's system said of these records, as far as it tells of a patient. When it was said stays, so that
 * the same event, taken again, brings nothing back; nor does another that says what was before.
 */
export async function clearStates(
  client: Queryable,
  tenantId: string,
  entityIds: readonly string[],
): Promise<void> {
  await client.query(
    `UPDATE record_states r SET emptied_at = clock_timestamp(), state = r.state || jsonb_build_object('extra', '{}'::jsonb, 'fields', (
       SELECT coalesce(jsonb_object_agg(f.key, CASE WHEN f.key = ANY ($3::text[])
         THEN (SELECT coalesce(jsonb_object_agg(s.key, s.value || '{"value": null}'), '{}') FROM jsonb_each(f.value) s)
         ELSE f.value END), '{}')
       FROM jsonb_each(r.state -> 'fields') f))
     WHERE r.tenant_id = $1 AND r.entity_id = ANY ($2::uuid[]) AND (r.emptied_at IS NULL OR ${tells('r')})`,
    [tenantId, entityIds, [...tellingFields]],
  );
}
