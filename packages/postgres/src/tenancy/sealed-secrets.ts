import type { Queryable } from '../pool.ts';

interface SealedSecret {
  tenant_id: string;
  /** Which column of which table. */
  place: string;
  id: string;
  sealed: Buffer;
}

/**
 * Seals all clinics' secrets anew: those of webhooks that come, Twilio's tokens, and those that webhooks to others are signed
 * with. What is changed meanwhile stays as it was changed.
 * @param reseal null: it need not, or can't be
 * @returns how many were
 */
export async function resealSecrets(
  db: Queryable,
  reseal: (sealed: Buffer) => Buffer | null,
): Promise<number> {
  const { rows } = await db.query<SealedSecret>('SELECT tenant_id, place, id, sealed FROM sealed_secrets()');
  let resealed = 0;
  for (const { tenant_id, place, id, sealed } of rows) {
    const anew = reseal(sealed);
    if (anew === null) continue;
    const answer = await db.query<{ done: boolean }>('SELECT reseal_secret($1, $2, $3, $4, $5) AS done', [
      tenant_id,
      place,
      id,
      sealed,
      anew,
    ]);
    if (answer.rows[0]?.done) resealed += 1;
  }
  return resealed;
}
