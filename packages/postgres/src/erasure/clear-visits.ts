import type { Queryable } from '../pool.ts';
import { emptyUse, useTells } from './clear-calls.ts';
import { clearStates } from './clear-states.ts';

/** Empties why patients come to these appointments, and whom others were told they are of. */
export async function clearAppointmentTexts(
  client: Queryable,
  tenantId: string,
  ids: readonly string[],
): Promise<void> {
  const key = [tenantId, ids];
  await client.query(
    `UPDATE appointments SET reason = NULL, cancel_reason = NULL
     WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) AND (reason IS NOT NULL OR cancel_reason IS NOT NULL)`,
    key,
  );
  // One that is not delivered yet still tells that the appointment changed.
  await client.query(
    `UPDATE webhook_deliveries SET body = jsonb_set(body, '{data,patient}', '{"external_id": null}')
     WHERE tenant_id = $1 AND entity_id = ANY ($2::uuid[]) AND body #> '{data,patient}' <> '{"external_id": null}'`,
    key,
  );
  await client.query(
    `UPDATE voice_tool_uses u SET ${emptyUse}
     WHERE u.tenant_id = $1 AND u.appointment_id = ANY ($2::uuid[]) AND ${useTells}`,
    key,
  );
  await client.query(
    `UPDATE booking_requests SET wanted = '{}' WHERE tenant_id = $1 AND appointment_id = ANY ($2::uuid[]) AND wanted <> '{}'`,
    key,
  );
  await clearStates(client, tenantId, ids);
}

/** Empties what was asked for. */
export async function clearRequests(
  client: Queryable,
  tenantId: string,
  ids: readonly string[],
): Promise<void> {
  await client.query(
    `UPDATE booking_requests SET wanted = '{}' WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) AND wanted <> '{}'`,
    [tenantId, ids],
  );
}

/** Empties what journeys are for, and what their steps found. */
export async function clearJourneyTexts(
  client: Queryable,
  tenantId: string,
  ids: readonly string[],
): Promise<void> {
  const { rows } = await client.query<{ id: string }>(
    'SELECT id FROM journey_steps WHERE tenant_id = $1 AND journey_id = ANY ($2::uuid[])',
    [tenantId, ids],
  );
  await clearStates(client, tenantId, [...ids, ...rows.map(({ id }) => id)]);
}
