import { uuidV7 } from '@switchboard/domain/ids';
import type { Queryable } from '../pool.ts';

/** A record whose patient a person is to decide, with who it may be, best first. */
export interface ReviewToOpen {
  entityId: string;
  candidates: readonly { patientId: string; score: number; breakdown: object }[];
}

/**
 * Keeps calls' open reviews as the last automatic decision is: one each for those in doubt, with the candidates of now, and
 * none for the others, whose reviews nobody decided in time. Decided ones stay as they are.
 */
export async function syncCallReviews(
  client: Queryable,
  tenantId: string,
  doubtful: readonly ReviewToOpen[],
  certainCallIds: readonly string[],
  nowMs: number,
): Promise<void> {
  if (doubtful.length > 0)
    await client.query(
      `INSERT INTO match_reviews (tenant_id, id, entity_kind, entity_id, candidates)
       SELECT $1, r.id, 'voice_call', r.entity_id, r.candidates
       FROM jsonb_to_recordset($2::jsonb) AS r (id uuid, entity_id uuid, candidates jsonb)
       ON CONFLICT (tenant_id, entity_kind, entity_id) WHERE state = 'open' DO UPDATE SET candidates = excluded.candidates`,
      [
        tenantId,
        JSON.stringify(
          doubtful.map(({ entityId, candidates }) => ({
            id: uuidV7(nowMs),
            entity_id: entityId,
            candidates: candidates.map(({ patientId, score, breakdown }) => ({
              patient_id: patientId,
              score,
              breakdown,
            })),
          })),
        ),
      ],
    );
  if (certainCallIds.length > 0)
    await client.query(
      `UPDATE match_reviews SET state = 'obsolete', decided_at = now()
       WHERE tenant_id = $1 AND entity_kind = 'voice_call' AND entity_id = ANY ($2::uuid[]) AND state = 'open'`,
      [tenantId, certainCallIds],
    );
}
