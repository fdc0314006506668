import { uuidV7 } from '@switchboard/domain/ids';
import { type Client, together } from '@switchboard/postgres';
import {
  deleteDecisions,
  loadDecidedByPeople,
  upsertDecisions,
} from '@switchboard/postgres/people/match-decisions';
import { syncCallReviews } from '@switchboard/postgres/people/match-reviews';
import {
  addPhones,
  loadPatientsFor,
  namePatients,
  type PatientRow,
  replacePhones,
  upsertPatients,
} from '@switchboard/postgres/people/patients';
import type { TenantSettings } from '@switchboard/postgres/tenants';
import type { ChangedCall } from './changed-call.ts';
import { type CallToMatch, type MatchPlan, matchCallers } from './match-callers.ts';
import { restoreState } from './stored-call.ts';

export interface MatchedCalls {
  plan: MatchPlan;
  patientOf(call: ChangedCall): string | null;
  /** Whose call it is before merges: the patient by whose phone it was found, where that one was merged into another. */
  originalOf(call: ChangedCall): string | null;
  /** Phones that a patient gets or loses by the calls. */
  phones: readonly string[];
  writePatients(client: Client): Promise<void>;
}

/** Matches the calls of which something new is known about who called; a person's decision stands. Reads only. */
export async function matchStoredCalls(
  client: Client,
  tenant: TenantSettings,
  calls: readonly ChangedCall[],
  now: () => number,
): Promise<MatchedCalls> {
  const telling = calls.filter(isTelling);
  // Nothing refers to a call that is new.
  const storedIds = telling.filter((call) => call.stored).map((call) => call.id);
  const decided = await loadDecidedByPeople(client, tenant.tenantId, storedIds);
  const toMatch = telling.filter((call) => !decided.has(call.id)).map(toCallToMatch);
  const patients = await loadPatientsFor(client, tenant.tenantId, {
    phones: toMatch.flatMap((call) => call.contact.phone ?? []),
    ids: toMatch.flatMap((call) => call.candidateIds),
    callIds: storedIds.filter((id) => !decided.has(id)),
  });
  const plan = matchCallers(toMatch, patients, tenant.matchThresholds, () => uuidV7(now()));
  const absorbedPhones = new Map(patients.map((patient) => [patient.id, patient.absorbed_phones]));
  const patientOf = (call: ChangedCall) =>
    plan.patientOf.has(call.id) ? (plan.patientOf.get(call.id) ?? null) : (call.stored?.patient_id ?? null);
  return {
    plan,
    patientOf,
    originalOf(call) {
      const patientId = patientOf(call);
      const phone = call.merged.fields.contact_phone ?? null;
      // What a merge of patients made of it stands, unless matching now says somebody else, or it is from another phone.
      // Of what a person decided, no number says whose it was.
      const isMatched = plan.patientOf.has(call.id);
      const isAsBefore = call.stored?.patient_id === patientId && call.stored.contact_phone === phone;
      if (call.stored && (!isMatched || isAsBefore)) return call.stored.original_patient_id;
      const phones = patientId === null ? undefined : absorbedPhones.get(patientId);
      return phones?.[phone ?? ''] ?? patientId;
    },
    phones: movingPhones(plan, patients),
    writePatients: (writer) => writePatients(writer, tenant.tenantId, plan),
  };
}

/** Decisions; after the calls, which they name. Patients that a call had made by mistake are left to the caller. */
export async function writeMatches(
  client: Client,
  tenantId: string,
  { plan }: MatchedCalls,
  now: () => number,
): Promise<void> {
  await together(
    upsertDecisions(
      client,
      plan.decisions.map((decision) => ({
        tenant_id: tenantId,
        entity_kind: 'voice_call',
        entity_id: decision.callId,
        decision: decision.decision,
        patient_id: decision.patientId,
        score: decision.score,
        breakdown: decision.breakdown,
        model_version: decision.modelVersion,
      })),
    ),
    syncCallReviews(
      client,
      tenantId,
      plan.decisions
        .filter(({ decision }) => decision === 'review')
        .map(({ callId, candidates }) => ({ entityId: callId, candidates })),
      plan.decisions.filter(({ decision }) => decision !== 'review').map(({ callId }) => callId),
      now(),
    ),
    deleteDecisions(client, tenantId, plan.undecided),
  );
}

function movingPhones({ phones, deleted }: MatchPlan, before: readonly PatientRow[]): string[] {
  const moving = new Set([...deleted, ...phones.map(({ patientId }) => patientId)]);
  return [
    ...phones.map(({ phone }) => phone),
    ...before.filter(({ id }) => moving.has(id)).flatMap((patient) => patient.phones),
  ];
}

async function writePatients(client: Client, tenantId: string, plan: MatchPlan): Promise<void> {
  const created = new Set(plan.created.map(({ id }) => id));
  await together(
    upsertPatients(
      client,
      plan.created.map(
        ({
          phones: _,
          call_ids: __,
          absorbed_ids: ___,
          absorbed_phones: ____,
          known_elsewhere: _____,
          ...patient
        }) => ({
          ...patient,
          tenant_id: tenantId,
          origin: 'voice',
        }),
      ),
    ),
    namePatients(client, tenantId, plan.named),
    addPhones(
      client,
      tenantId,
      plan.phones.filter(({ patientId }) => created.has(patientId)),
    ),
    replacePhones(
      client,
      tenantId,
      plan.phones.filter(({ patientId }) => !created.has(patientId)),
    ),
  );
}

/**
 * Whether anything differs that a patient is recognised by, or that makes a call reason enough for a new one. Every event
 * names a direction and most the number again: saying the same again decides nothing anew. A caller who was forgotten is
 * nobody's to find.
 */
function isTelling({ stored, emptied, merged, row }: ChangedCall): boolean {
  if (!stored) return true;
  if (emptied.includes('caller')) return false;
  const { direction, contact_phone, contact_name, contact_date_of_birth, status } = merged.fields;
  return (
    stored.direction !== direction ||
    stored.contact_phone !== (contact_phone ?? null) ||
    stored.contact_name !== (contact_name ?? null) ||
    stored.contact_date_of_birth !== (contact_date_of_birth ?? null) ||
    restoreState(stored).candidates?.length !== merged.state.candidates?.length ||
    mayCreate(stored) !== mayCreate({ ...row, status, contact_phone })
  );
}

function toCallToMatch({ id, merged, row }: ChangedCall): CallToMatch {
  const { contact_phone, contact_name, contact_date_of_birth, status } = merged.fields;
  return {
    id,
    contact: { phone: contact_phone ?? null, name: contact_name ?? null, dob: contact_date_of_birth ?? null },
    mayCreate: mayCreate({ ...row, status, contact_phone }),
    candidateIds: merged.state.candidates ?? [],
  };
}

interface SpokenTo {
  contact_phone?: string | null | undefined;
  status?: string | null | undefined;
  caller_turns: number | null;
}

/** Whether a call is reason enough to make a patient record. */
function mayCreate({ contact_phone, status, caller_turns }: SpokenTo): boolean {
  return typeof contact_phone === 'string' && ((caller_turns ?? 0) > 0 || status === 'completed');
}
