import {
  decideMatch,
  type MatchBreakdown,
  type MatchContact,
  type MatchPatient,
  type MatchThresholds,
  matcherVersion,
  type ScoredPatient,
  scoreCandidates,
} from '@switchboard/domain/matching';
import { splitName } from '@switchboard/domain/names';
import type { PatientRow } from '@switchboard/postgres/people/patients';

export interface CallToMatch {
  id: string;
  contact: MatchContact;
  /** Whether the call is reason enough to make a patient record: a number, and somebody was spoken to. */
  mayCreate: boolean;
  /** Patients that enrichment proposed, of any of the call's events. */
  candidateIds: readonly string[];
}

export interface Decision {
  callId: string;
  decision: 'link' | 'new' | 'review';
  patientId: string | null;
  score: number | null;
  breakdown: MatchBreakdown | Record<string, number>;
  /** Whom a person is asked about; of a review alone. */
  candidates: readonly ScoredPatient[];
  modelVersion: string;
}

/** What matching changes; all of it is to be written in the transaction that read the patients. */
export interface MatchPlan {
  /** Patient of each call; null: none. */
  patientOf: Map<string, string | null>;
  decisions: Decision[];
  undecided: string[];
  created: PatientRow[];
  /** Patients whose name or birth date changed. */
  named: PatientRow[];
  /** The one phone of patients that a call made. */
  phones: { patientId: string; phone: string }[];
  deleted: string[];
}

/**
 * Decides for each call which patient called, as if its events so far were one: a patient that only this call made
 * and knows does not count as somebody known, nor does the name that it gave to one. So the order in which a call's
 * events came leaves no trace. A name is never taken from a patient that other calls are linked to: they were linked by
 * it. The caller holds the tenant's lock; `patients` holds all with the calls' phones.
 */
export function matchCallers(
  calls: readonly CallToMatch[],
  patients: readonly PatientRow[],
  thresholds: MatchThresholds,
  newId: () => string,
): MatchPlan {
  const known = new Map(
    patients.map((patient) => [patient.id, { ...patient, call_ids: [...patient.call_ids] }]),
  );
  const plan: MatchPlan = {
    patientOf: new Map(),
    decisions: [],
    undecided: [],
    created: [],
    named: [],
    phones: [],
    deleted: [],
  };
  for (const call of calls) matchCall(call, known, plan, thresholds, newId);
  const before = new Map(patients.map((patient) => [patient.id, patient]));
  for (const patient of known.values()) {
    const old = before.get(patient.id);
    if (!old) plan.created.push(patient);
    else if (namesDiffer(old, patient)) plan.named.push(patient);
  }
  plan.phones = plan.phones.filter((row) => known.has(row.patientId));
  return plan;
}

function matchCall(
  call: CallToMatch,
  known: Map<string, PatientRow>,
  plan: MatchPlan,
  thresholds: MatchThresholds,
  newId: () => string,
): void {
  const named = new Map<PatientRow, PatientRow>();
  for (const patient of known.values()) {
    patient.call_ids = patient.call_ids.filter((id) => id !== call.id);
    if (patient.name_call_id !== call.id || patient.call_ids.length > 0) continue;
    named.set(patient, { ...patient });
    unname(patient);
  }
  const own = [...known.values()].find(
    (patient) => patient.origin_call_id === call.id && patient.call_ids.length === 0,
  );
  if (own) known.delete(own.id);

  const proposed = new Set(call.candidateIds);
  const scored = scoreCandidates(
    call.contact,
    [...known.values()]
      .filter((patient) => isProposed(patient, proposed) || hasPhone(patient, call.contact.phone))
      .map(toMatchPatient),
  );
  const decision = decideMatch(scored, { thresholds });
  const patient =
    decision.kind === 'link'
      ? known.get(decision.patientId)
      : decision.kind === 'new'
        ? make(call, own, newId)
        : undefined;

  if (patient) {
    known.set(patient.id, patient);
    patient.call_ids.push(call.id);
    if (isNameless(patient) || patient.name_call_id === call.id) name(patient, call);
    if (decision.kind === 'new' && call.contact.phone !== null) {
      patient.phones = [call.contact.phone];
      plan.phones.push({ patientId: patient.id, phone: call.contact.phone });
    }
  }
  // Who is known elsewhere does not become nameless because the call that told the name turns out to be another's.
  for (const [left, { first_name, last_name, date_of_birth }] of named)
    if (left.known_elsewhere && isNameless(left))
      Object.assign(left, { first_name, last_name, date_of_birth, name_call_id: call.id });
  for (const left of known.values()) {
    if (left.name_call_id === call.id && left !== patient) left.name_call_id = null;
  }
  if (own && own.id !== patient?.id) plan.deleted.push(own.id);
  plan.patientOf.set(call.id, patient?.id ?? null);

  if (decision.kind === 'new' && !patient) plan.undecided.push(call.id);
  else {
    const best = scored.find((candidate) => candidate.patientId === patient?.id);
    plan.decisions.push({
      callId: call.id,
      decision: decision.kind,
      patientId: patient?.id ?? null,
      score: best?.score ?? null,
      breakdown:
        decision.kind === 'review'
          ? Object.fromEntries(decision.candidates.map((candidate) => [candidate.patientId, candidate.score]))
          : (best?.breakdown ?? {}),
      candidates: decision.kind === 'review' ? decision.candidates : [],
      modelVersion: matcherVersion,
    });
  }
}

function make(call: CallToMatch, own: PatientRow | undefined, newId: () => string): PatientRow | undefined {
  if (!call.mayCreate || call.contact.phone === null) return undefined;
  return {
    id: own?.id ?? newId(),
    first_name: null,
    last_name: null,
    date_of_birth: null,
    origin_call_id: call.id,
    name_call_id: null,
    phones: [],
    call_ids: [],
    absorbed_ids: [],
    absorbed_phones: {},
    known_elsewhere: false,
  };
}

function name(patient: PatientRow, call: CallToMatch): void {
  const said = splitName(call.contact.name);
  if (!said && call.contact.dob === null) return;
  patient.first_name = said?.first ?? null;
  patient.last_name = said?.last ?? null;
  patient.date_of_birth = call.contact.dob;
  patient.name_call_id = call.id;
}

function isNameless(patient: PatientRow): boolean {
  return patient.first_name === null && patient.last_name === null && patient.date_of_birth === null;
}

function unname(patient: PatientRow): void {
  patient.first_name = null;
  patient.last_name = null;
  patient.date_of_birth = null;
  patient.name_call_id = null;
}

/** What matching compares of a patient. */
export function toMatchPatient(patient: PatientRow): MatchPatient {
  const { id, phones, first_name, last_name, date_of_birth } = patient;
  return { id, phones, first: first_name, last: last_name, dob: date_of_birth };
}

function hasPhone(patient: PatientRow, phone: string | null): boolean {
  return phone !== null && patient.phones.includes(phone);
}

/** Whether the patient, or one who was merged into it, is proposed. */
function isProposed({ id, absorbed_ids }: PatientRow, proposed: ReadonlySet<string>): boolean {
  return proposed.has(id) || absorbed_ids.some((one) => proposed.has(one));
}

function namesDiffer(left: PatientRow, right: PatientRow): boolean {
  return (
    left.first_name !== right.first_name ||
    left.last_name !== right.last_name ||
    left.date_of_birth !== right.date_of_birth ||
    left.name_call_id !== right.name_call_id
  );
}
