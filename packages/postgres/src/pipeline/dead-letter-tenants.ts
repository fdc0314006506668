import type { DeadLetterState } from '@switchboard/domain/dead-letter-reasons';
import type { Queryable } from '../pool.ts';

/** How many dead letters of one state a clinic has. */
export interface DeadLetterCount {
  /** Null: of no clinic. */
  tenantId: string | null;
  /** Null: of no clinic, or of one that is none. */
  slug: string | null;
  state: DeadLetterState;
  letters: number;
}

/** Whose dead letters there are, for an operator. */
export async function countDeadLetters(db: Queryable): Promise<DeadLetterCount[]> {
  const { rows } = await db.query<DeadLetterCount>(
    `SELECT tenant_id AS "tenantId", slug, state, letters FROM dead_letter_tenants() ORDER BY slug NULLS LAST, 1, state`,
  );
  return rows;
}

/** What became of these, in any order, and the topics, without prefix, that they go back to; null: through ingest. */
export async function statesOf(
  db: Queryable,
  ids: readonly string[],
): Promise<{ state: DeadLetterState; topic: string | null }[]> {
  const { rows } = await db.query<{ state: DeadLetterState; topic: string | null }>(
    'SELECT state, topic FROM dead_letters WHERE id = ANY ($1)',
    [ids],
  );
  return rows;
}

/** Whether the open transaction's tenant is one: a letter may name another. */
export async function isTenant(db: Queryable, tenantId: string): Promise<boolean> {
  const { rowCount } = await db.query('SELECT FROM tenants WHERE id = $1', [tenantId]);
  return rowCount === 1;
}

/** Seals originals anew. @param reseal null: it need not, or can't be @returns how many were, and where to go on; null: at the end */
export async function resealSome(
  db: Queryable,
  tenantId: string | null,
  after: string,
  reseal: (sealed: Buffer) => Buffer | null,
): Promise<{ resealed: number; last: string | null }> {
  const { rows } = await db.query<{ id: string; sealed: Buffer }>(
    `SELECT id, sealed FROM dead_letters WHERE ${tenantId === null ? '$2::uuid IS NULL AND tenant_id IS NULL' : 'tenant_id = $2'}
       AND id > $1 AND octet_length(sealed) > 0 ORDER BY id LIMIT 50`,
    [after, tenantId],
  );
  let resealed = 0;
  for (const { id, sealed } of rows) {
    const anew = reseal(sealed);
    if (anew === null) continue;
    // Its bytes may have been sealed anew meanwhile, by this very command run twice.
    const { rowCount } = await db.query('UPDATE dead_letters SET sealed = $2 WHERE id = $1 AND sealed = $3', [
      id,
      anew,
      sealed,
    ]);
    resealed += rowCount ?? 0;
  }
  return { resealed, last: rows.at(-1)?.id ?? null };
}
