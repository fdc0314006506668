import type { ScoredPatient } from '@switchboard/domain/matching';
import type { Queryable } from '../pool.ts';
import { createUpsert } from '../rows.ts';
import { upsertDecisions } from './match-decisions.ts';

/** What matching made of a record that the clinic's system told. */
export interface ToldMatch {
  id: string;
  entityKind: 'patient' | 'conversation';
  entityId: string;
  /** A patient, or whom a person should choose from; neither: nobody it could be. */
  linked: ScoredPatient | null;
  candidates: readonly ScoredPatient[];
  modelVersion: string;
}

/** Records among `entityIds` whose patient a person has decided: automatic matching leaves them alone. */
export async function loadPeoplesDecisions(
  client: Queryable,
  tenantId: string,
  entityKind: ToldMatch['entityKind'],
  entityIds: readonly string[],
): Promise<Set<string>> {
  if (entityIds.length === 0) return new Set();
  const { rows } = await client.query<{ entity_id: string }>(
    `SELECT entity_id FROM match_decisions
     WHERE tenant_id = $1 AND entity_kind = $2 AND entity_id = ANY ($3::uuid[]) AND decided_by IS NOT NULL`,
    [tenantId, entityKind, entityIds],
  );
  return new Set(rows.map((row) => row.entity_id));
}

/** Writes what was decided, opens a review where a person must choose, and ends one that is not needed any more. */
export async function writeToldMatches(
  client: Queryable,
  tenantId: string,
  matches: readonly ToldMatch[],
): Promise<void> {
  if (matches.length === 0) return;
  const decided = matches.filter(({ linked, candidates }) => linked !== null || candidates.length > 0);
  await upsertDecisions(
    client,
    decided.map(({ entityKind, entityId, linked, candidates, modelVersion }) => ({
      tenant_id: tenantId,
      entity_kind: entityKind,
      entity_id: entityId,
      decision: linked ? 'link' : 'review',
      patient_id: linked?.patientId ?? null,
      score: linked?.score ?? null,
      breakdown:
        linked?.breakdown ?? Object.fromEntries(candidates.map(({ patientId, score }) => [patientId, score])),
      model_version: modelVersion,
    })),
  );
  const settled = matches.filter(({ candidates }) => candidates.length === 0);
  await client.query(
    `UPDATE match_reviews r SET state = 'obsolete', decided_at = now()
     FROM unnest($2::text[], $3::uuid[]) AS n (entity_kind, entity_id)
     WHERE r.tenant_id = $1 AND r.entity_kind = n.entity_kind AND r.entity_id = n.entity_id AND r.state = 'open'`,
    [tenantId, settled.map(({ entityKind }) => entityKind), settled.map(({ entityId }) => entityId)],
  );
  await client.query(
    `DELETE FROM match_decisions d USING unnest($2::text[], $3::uuid[]) AS n (entity_kind, entity_id)
     WHERE d.tenant_id = $1 AND d.entity_kind = n.entity_kind AND d.entity_id = n.entity_id AND d.decided_by IS NULL
       AND NOT EXISTS (SELECT FROM match_reviews r WHERE r.tenant_id = $1 AND r.entity_kind = n.entity_kind AND r.entity_id = n.entity_id)`,
    [
      tenantId,
      settled.filter(({ linked }) => !linked).map(({ entityKind }) => entityKind),
      settled.filter(({ linked }) => !linked).map(({ entityId }) => entityId),
    ],
  );
  await openReviews(client, tenantId, matches);
}

async function openReviews(
  client: Queryable,
  tenantId: string,
  matches: readonly ToldMatch[],
): Promise<void> {
  const doubtful = matches.filter(({ candidates }) => candidates.length > 0);
  if (doubtful.length === 0) return;
  const { rows } = await client.query<{ entity_id: string; id: string }>(
    `SELECT entity_id, id FROM match_reviews WHERE tenant_id = $1 AND entity_id = ANY ($2::uuid[]) AND state = 'open'`,
    [tenantId, doubtful.map(({ entityId }) => entityId)],
  );
  const open = new Map(rows.map((row) => [row.entity_id, row.id]));
  await upsertReviews(
    client,
    doubtful.map(({ id, entityKind, entityId, candidates }) => ({
      tenant_id: tenantId,
      id: open.get(entityId) ?? id,
      entity_kind: entityKind,
      entity_id: entityId,
      state: 'open',
      candidates: candidates.map(({ patientId, score, breakdown }) => ({
        patient_id: patientId,
        score,
        breakdown,
      })),
    })),
  );
}

/** Created_at is the table's own: the columns that are not named keep their defaults. */
const upsertReviews = createUpsert(
  'match_reviews',
  ['tenant_id', 'id'],
  ['entity_kind', 'entity_id', 'state', 'candidates'],
);
