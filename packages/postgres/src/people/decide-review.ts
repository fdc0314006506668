import { uuidV7 } from '@switchboard/domain/ids';
import { SwitchboardError } from '@switchboard/platform';
import { stateTouched, type Touched } from '../facts/state-touched.ts';
import { type Client, lockTenant } from '../pool.ts';
import type { TenantSettings } from '../tenants.ts';
import { mergePatients } from './merge-patients.ts';
import { createPatient, type NewPatient } from './new-patient.ts';
import { loadFamily } from './patient-family.ts';
import { type ReviewedEntity, readReviewed, setPatientOf } from './reviewed-entity.ts';
import { loadUnnumbered } from './told-patients.ts';

/** What a person says of a record whose patient is in doubt. */
export type ReviewDecision =
  | { kind: 'link'; patientId: string }
  /** Somebody nobody knew; what is not given here is taken from the record. */
  | { kind: 'new'; patient: Partial<NewPatient> }
  /** None of the candidates, and nobody new. */
  | { kind: 'reject' };

export interface DecideOptions {
  tenant: TenantSettings;
  pseudonymKey: Buffer;
  reviewId: string;
  decision: ReviewDecision;
  userId: string;
  /** Unix ms. */
  now: number;
}

export interface DecidedReview {
  entityKind: string;
  entityId: string;
  patientId: string | null;
}

const outcomes = {
  link: { state: 'linked', decision: 'link' },
  new: { state: 'new', decision: 'new' },
  reject: { state: 'rejected', decision: 'none' },
} as const;

/**
 * Gives the record of an open review the patient that a person chose, and remembers by whom: no later event of the record
 * decides anew. A review of two patients that may be one is decided by merging them or not. Facts are stated anew in the
 * same transaction, under the tenant's lock.
 * @throws SwitchboardError `review_unknown`, `review_decided`, `patient_unknown`, `patient_same`
 */
export async function decideReview(client: Client, options: DecideOptions): Promise<DecidedReview> {
  const { tenant, reviewId, decision, userId } = options;
  await lockTenant(client, tenant.tenantId);
  const entity = await readReviewed(client, tenant.tenantId, reviewId);
  if (!entity) throw new SwitchboardError('review_unknown', 'there is no review with this id');
  if (entity.state !== 'open') throw new SwitchboardError('review_decided', 'the review was decided before');
  const patientId =
    entity.kind === 'patient'
      ? await decidePatient(client, options, entity)
      : await decideRecord(client, options, entity);
  const outcome = outcomes[decision.kind];
  await client.query(
    `UPDATE match_reviews SET state = $3, patient_id = $4, decided_by = $5, decided_at = now() WHERE tenant_id = $1 AND id = $2`,
    [tenant.tenantId, reviewId, outcome.state, patientId, userId],
  );
  await client.query(
    `UPDATE match_decisions SET decision = $4, patient_id = $5, decided_by = $6,
       score = (SELECT (c ->> 'score')::real FROM match_reviews r, jsonb_array_elements(r.candidates) c
                WHERE r.tenant_id = $1 AND r.id = $7 AND (c ->> 'patient_id')::uuid = $5)
     WHERE tenant_id = $1 AND entity_kind = $2 AND entity_id = $3`,
    [tenant.tenantId, entity.kind, entity.id, outcome.decision, patientId, userId, reviewId],
  );
  return { entityKind: entity.kind, entityId: entity.id, patientId };
}

async function decidePatient(
  client: Client,
  options: DecideOptions,
  entity: ReviewedEntity,
): Promise<string | null> {
  const { decision, userId, ...context } = options;
  if (decision.kind !== 'link') return decision.kind === 'new' ? entity.id : null;
  if (decision.patientId === entity.id)
    throw new SwitchboardError('patient_same', 'a patient can’t be merged into itself');
  const { tenantId } = options.tenant;
  const family = await loadFamily(client, tenantId, [entity.id, decision.patientId]);
  family.require(decision.patientId);
  // Who was merged meanwhile is whom they stand for.
  const [own, other] = [family.rootOf(entity.id), family.rootOf(decision.patientId)];
  if (own === other) return decision.patientId;
  // The patient that the clinic's system numbers stays, whoever of the two is in doubt.
  const unnumbered = await loadUnnumbered(client, tenantId, [own, other]);
  const ownStays = !unnumbered.has(own) && unnumbered.has(other);
  const [survivorId, absorbedId] = ownStays ? [own, other] : [other, own];
  await mergePatients(client, { ...context, survivorId, absorbedId, by: { userId } });
  return decision.patientId;
}

async function decideRecord(
  client: Client,
  options: DecideOptions,
  entity: ReviewedEntity,
): Promise<string | null> {
  const { tenant, pseudonymKey, decision, now } = options;
  if (decision.kind === 'reject') return null;
  const patientId =
    decision.kind === 'link'
      ? decision.patientId
      : await createPatient(
          client,
          tenant.tenantId,
          entity.origin,
          { ...entity.contact, ...decision.patient },
          now,
        );
  const family = await loadFamily(client, tenant.tenantId, [patientId]);
  family.require(patientId);
  const touched: Touched = await setPatientOf(client, tenant.tenantId, entity, {
    patientId: family.rootOf(patientId),
    originalId: patientId,
  });
  // No event is the cause: one id names this transaction.
  const cause = { eventId: uuidV7(now), traceparent: null };
  await stateTouched(client, { tenant, pseudonymKey, cause }, touched);
  return patientId;
}
