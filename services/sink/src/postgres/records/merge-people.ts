import { uuidV7 } from '@switchboard/domain/ids';
import {
  decideMatch,
  matcherVersion,
  type ScoredPatient,
  scoreCandidates,
} from '@switchboard/domain/matching';
import { compareHeld, type Held, heldOf } from '@switchboard/domain/records/record-state';
import type { Client } from '@switchboard/postgres';
import type { Touched } from '@switchboard/postgres/facts/state-touched';
import { joinPatients } from '@switchboard/postgres/people/merge-patients';
import { loadPatientsFor } from '@switchboard/postgres/people/patients';
import {
  loadPeoplesDecisions,
  type ToldMatch,
  writeToldMatches,
} from '@switchboard/postgres/people/told-matches';
import { loadUnnumbered } from '@switchboard/postgres/people/told-patients';
import type { TenantSettings } from '@switchboard/postgres/tenants';
import { toMatchPatient } from '../match-callers.ts';
import { type ChangedRecord, type RecordEvent, textOf } from './changed-record.ts';
import type { Links } from './links.ts';
import type { WrittenPatient } from './write-patients.ts';
import { identityOf } from './write-rows.ts';

export interface Merged {
  touched: Touched;
  cause: RecordEvent;
}

export interface PeopleOptions {
  tenant: TenantSettings;
  pseudonymKey: Buffer;
  now: () => number;
}

/**
 * Merges patients where the clinic's system says so, and where a patient that it tells of is for certain one that a call,
 * a message or a visit made; where it may be, a person is asked. Two that the clinic's system numbers are never taken for
 * one. Of two merges that say the opposite the one that was told to be later stands, whichever comes first.
 * @param records all that the events speak of
 * @param patients those of them that changed
 * @returns for each merge what it touched, and the event that it follows from
 */
export async function mergePeople(
  client: Client,
  options: PeopleOptions,
  records: readonly ChangedRecord[],
  patients: readonly WrittenPatient[],
  links: Links,
): Promise<Merged[]> {
  const told = patients.flatMap(({ record }) => {
    const into = textOf(record.now, 'merged_into');
    const survivorId =
      into === textOf(record.was, 'merged_into') ? undefined : links.idOf('patient', record, into);
    const held = mergeOf(record);
    return survivorId === undefined || !held ? [] : [{ record, survivorId, held }];
  });
  const merged: Merged[] = [];
  for (const { record, survivorId, held } of told.sort((one, other) => compareHeld(one.held, other.held))) {
    const theirs = mergeOf(records.find(({ id }) => id === survivorId));
    const isOlder = theirs !== undefined && compareHeld(held, theirs) < 0;
    merged.push(...(await mergeOne(client, options, survivorId, record.id, record, isOlder)));
  }
  const telling = patients.filter((patient) => patient.telling);
  return [...merged, ...(await matchPatients(client, options, telling))];
}

async function matchPatients(
  client: Client,
  options: PeopleOptions,
  patients: readonly WrittenPatient[],
): Promise<Merged[]> {
  const { tenantId, matchThresholds: thresholds } = options.tenant;
  const candidates = await loadPatientsFor(client, tenantId, {
    phones: patients.flatMap(({ phones }) => phones),
    ids: [],
    callIds: [],
  });
  const known = new Map(candidates.map((one) => [one.id, toMatchPatient(one)]));
  const unnumbered = await loadUnnumbered(client, tenantId, [...known.keys()]);
  if (unnumbered.size === 0) return [];
  const decided = await loadPeoplesDecisions(
    client,
    tenantId,
    'patient',
    patients.map(({ record }) => record.id),
  );
  const merged: Merged[] = [];
  const matches: ToldMatch[] = [];
  for (const patient of [...patients].sort(byExternalId)) {
    const { record, name, dob, phones } = patient;
    const self = known.get(record.id);
    if (decided.has(record.id) || phones.length === 0 || !self) continue;
    const numbered = identityOf(record).external_id !== null;
    // A family shares a phone: who is told by that alone waits until a name or a birth date is told.
    if (numbered && name === null && dob === null) continue;
    const others = [...known.values()].filter(({ id }) => id !== record.id);
    const scored = phones.flatMap((phone) => scoreCandidates({ phone, name, dob }, others));
    const decision = decideMatch(scored, { thresholds });
    const may = ({ patientId }: ScoredPatient) => !numbered || unnumbered.has(patientId);
    const best = decision.kind === 'link' ? bestOf(scored, decision.patientId) : undefined;
    const linked = best && may(best) ? best : null;
    matches.push({
      id: uuidV7(options.now()),
      entityKind: 'patient',
      entityId: record.id,
      linked: null,
      candidates: decision.kind === 'review' ? decision.candidates.filter(may) : [],
      modelVersion: matcherVersion,
    });
    if (!linked) continue;
    const [survivorId, absorbedId] = numbered ? [record.id, linked.patientId] : [linked.patientId, record.id];
    const done = await mergeOne(client, options, survivorId, absorbedId, record);
    if (done.length === 0) continue;
    known.delete(absorbedId);
    unnumbered.delete(absorbedId);
    merged.push(...done);
  }
  await writeToldMatches(client, tenantId, matches);
  return merged;
}

/** Merges two by a record's event. @returns none where they were one before */
export async function mergeOne(
  client: Client,
  { tenant, pseudonymKey, now }: PeopleOptions,
  survivorId: string,
  absorbedId: string,
  { cause }: ChangedRecord,
  isOlder = false,
): Promise<Merged[]> {
  const by = { eventId: cause.event.event_id, traceparent: cause.traceparent, isOlder };
  const merged = { tenant, pseudonymKey, survivorId, absorbedId, by, now: now() };
  const { changed, touched } = await joinPatients(client, merged);
  return changed ? [{ touched, cause }] : [];
}

/** What was told of whom a patient was merged into, with its time. */
function mergeOf(record: ChangedRecord | undefined): Held | undefined {
  return record && heldOf(record.after.fields, 'merged_into');
}

function bestOf(scored: readonly ScoredPatient[], patientId: string): ScoredPatient | undefined {
  return scored
    .filter((one) => one.patientId === patientId)
    .reduce<ScoredPatient | undefined>(
      (best, one) => (best && best.score >= one.score ? best : one),
      undefined,
    );
}

function byExternalId(left: WrittenPatient, right: WrittenPatient): number {
  return left.record.externalId < right.record.externalId ? -1 : 1;
}
