import type { Client } from '../pool.ts';
import type { ChangeContext, StoredVisit } from './change-context.ts';
import { clearConflictsAround } from './judge-again.ts';

/** A hold that is no more. */
type FormerHold = Pick<StoredVisit, 'id' | 'practitionerId' | 'startsAt' | 'endsAt'>;

/**
 * Removes holds of the tenant that were over before an instant, with their history; what conflicted with them alone is a
 * conflict no more. No fact is stated of a hold. The caller holds the tenant's lock, so that none becomes a booking meanwhile.
 * @param except a hold that is about to move
 * @returns how many
 */
export async function removeOldHolds(
  client: Client,
  context: Omit<ChangeContext, 'actor'>,
  before: Date,
  except: string | null = null,
): Promise<number> {
  const removed = await deleteOldHolds(client, context.tenant.tenantId, before, except);
  await clearBehindHolds(client, context, removed);
  return removed.length;
}

/** The first half of {@link removeOldHolds}, one statement: {@link clearBehindHolds} comes after it. */
export async function deleteOldHolds(
  client: Client,
  tenantId: string,
  before: Date,
  except: string | null = null,
): Promise<FormerHold[]> {
  const { rows } = await client.query<FormerHold>(
    `DELETE FROM appointments WHERE tenant_id = $1 AND status = 'held' AND hold_expires_at < $2 AND id IS DISTINCT FROM $3::uuid
     RETURNING id, practitioner_id AS "practitionerId", starts_at AS "startsAt", ends_at AS "endsAt"`,
    [tenantId, before, except],
  );
  return rows;
}

/** What conflicted with holds that are no more, and with nothing else, is a conflict no more. */
export async function clearBehindHolds(
  client: Client,
  context: Omit<ChangeContext, 'actor'>,
  removed: readonly FormerHold[],
): Promise<void> {
  for (const hold of removed) await clearConflictsAround(client, context, hold);
}
