import type { Queryable } from '../pool.ts';
import { type DeadLetterFilter, whereDeadLetter } from './find-dead-letters.ts';

/** Notified when a replay was asked for. */
export const replayChannel = 'switchboard_replays';

/**
 * Asks that dead letters be put back, each under a new replay id: those that are open, and of those that were put back
 * before the ones whose state the filter names. What is being replayed, was given up, or has no original any more stays as it is.
 * @param tenantId the open transaction's; null: those of no tenant
 * @returns their ids
 */
export async function askReplays(
  db: Queryable,
  tenantId: string | null,
  filter: DeadLetterFilter,
): Promise<string[]> {
  const values: unknown[] = [];
  const where = whereDeadLetter(tenantId, { ...filter, states: filter.states ?? ['open'] }, values);
  const { rows } = await db.query<{ id: string }>(
    `UPDATE dead_letters d SET state = 'replaying', replay_id = gen_random_uuid(), replays = d.replays + 1, replay_tries = 0,
       replay_due_at = now()
     WHERE ${where} AND d.state IN ('open', 'replayed') AND octet_length(d.sealed) > 0 RETURNING d.id`,
    values,
  );
  if (rows.length > 0) await db.query('SELECT pg_notify($1, $2)', [replayChannel, '']);
  return rows.map(({ id }) => id);
}

/**
 * Gives open dead letters up. They stay as rows, and one that comes again does not open.
 * @param reason in a person's words; it may tell of a patient, so it goes nowhere else
 * @returns their ids
 */
export async function discardDeadLetters(
  db: Queryable,
  tenantId: string | null,
  filter: DeadLetterFilter,
  reason: string,
): Promise<string[]> {
  const values: unknown[] = [reason];
  const where = whereDeadLetter(tenantId, { ...filter, states: ['open'] }, values);
  const { rows } = await db.query<{ id: string }>(
    `UPDATE dead_letters d SET state = 'discarded', discarded_at = now(), discard_reason = $1 WHERE ${where} RETURNING d.id`,
    values,
  );
  return rows.map(({ id }) => id);
}
