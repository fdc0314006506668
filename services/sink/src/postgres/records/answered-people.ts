import { agreementOf } from '@switchboard/domain/same-person';
import type { Client } from '@switchboard/postgres';
import { loadBookedFor, loadGivenNumbers, wasParted } from '@switchboard/postgres/people/answered-patients';
import { partPatients } from '@switchboard/postgres/people/merge-patients';
import { loadPeoplesDecisions } from '@switchboard/postgres/people/told-matches';
import { loadUnnumbered } from '@switchboard/postgres/people/told-patients';
import { loadRows } from '@switchboard/postgres/records/record-states';
import type { Row } from '@switchboard/postgres/rows';
import { saidId } from './adopt-appointments.ts';
import type { ChangedRecord } from './changed-record.ts';
import { type Links, patientIn } from './links.ts';
import { type Merged, mergeOne, type PeopleOptions } from './merge-people.ts';
import type { WrittenPatient } from './write-patients.ts';
import { isNumbered } from './write-rows.ts';

/** A visit booked here, with the clinic's number of the patient that its system tells of it. */
interface Answer {
  record: ChangedRecord;
  toldId: string;
  bookedId: string;
}

/**
 * Gives a number of the clinic's that is told of a visit booked here to the patient whom it was booked for, who has none:
 * while nobody says who has it, as one merged into the patient; once it is told by an alike name, the other way round. Told
 * by another name or birth date, or of visits of different people, it is a patient of its own.
 * @param visits all appointments that the events speak of, and `adopted` those that are ours since
 * @param patients those that changed
 * @returns for each merge, or end of one, what it touched, and the event that it follows from
 */
export async function settleAnswers(
  client: Client,
  options: PeopleOptions,
  { visits, adopted }: { visits: readonly ChangedRecord[]; adopted: ReadonlySet<string> },
  patients: readonly WrittenPatient[],
  links: Links,
): Promise<Merged[]> {
  const { tenantId } = options.tenant;
  const settled: Merged[] = [];
  const telling = new Map(
    patients.flatMap(({ record, telling }) => (telling ? [[record.id, record] as const] : [])),
  );
  const given = await loadGivenNumbers(client, tenantId, [...telling.keys()]);
  for (const [id, record] of telling) {
    const bookedId = given.get(id);
    if (bookedId) settled.push(...(await settleNamed(client, options, { record, toldId: id, bookedId })));
  }
  const { answers, corrected } = await findAnswers(client, tenantId, visits, adopted, links);
  for (const { record, toldId } of corrected) settled.push(...(await part(client, options, toldId, record)));
  for (const answer of answers) settled.push(...(await settle(client, options, answer)));
  return settled;
}

/** Answers that tell a number now, and those before whose number was a mistake. */
async function findAnswers(
  client: Client,
  tenantId: string,
  visits: readonly ChangedRecord[],
  adopted: ReadonlySet<string>,
  links: Links,
): Promise<{ answers: Answer[]; corrected: Omit<Answer, 'bookedId'>[] }> {
  const told = visits.flatMap((record) => {
    const number = patientIn(record, record.now);
    const toldId = links.idOf('patient', record, number);
    const isOurs = saidId(record) === record.id;
    const wasId = adopted.has(record.id)
      ? undefined
      : links.idOf('patient', record, patientIn(record, record.was));
    const isNumber = number !== undefined && isNumbered(number);
    return isOurs && isNumber && toldId !== undefined && toldId !== wasId ? [{ record, toldId, wasId }] : [];
  });
  const decided = await loadPeoplesDecisions(
    client,
    tenantId,
    'patient',
    told.map(({ toldId }) => toldId),
  );
  const bookedFor = await loadBookedFor(
    client,
    tenantId,
    told.map(({ record }) => record.id),
  );
  const given = await loadGivenNumbers(
    client,
    tenantId,
    told.flatMap(({ wasId }) => wasId ?? []),
  );
  const answers: Answer[] = [];
  const corrected: Omit<Answer, 'bookedId'>[] = [];
  for (const { record, toldId, wasId } of told) {
    const bookedId = wasId === undefined ? bookedFor.get(record.id) : given.get(wasId);
    if (bookedId === undefined) continue;
    if (wasId !== undefined) corrected.push({ record, toldId: wasId });
    if (!decided.has(toldId)) answers.push({ record, toldId, bookedId });
  }
  return { answers, corrected };
}

async function settle(client: Client, options: PeopleOptions, answer: Answer): Promise<Merged[]> {
  const { tenantId } = options.tenant;
  const { record, toldId, bookedId } = answer;
  const { told, booked } = await loadBoth(client, tenantId, answer);
  if (!told || !booked || told.id === booked.id) return [];
  const hasNone = (await loadUnnumbered(client, tenantId, [bookedId])).size > 0;
  const agreement = agreementOf(personOf(told), personOf(booked));
  if (hasNone && agreement === 'same') return mergeOne(client, options, toldId, String(booked.id), record);
  const parted = await part(client, options, toldId, record);
  if (parted.length > 0) return parted;
  const isFree = told.id === toldId && told.external_id !== null && !isNamed(told) && agreement !== 'other';
  if (!hasNone || !isFree || (await wasParted(client, tenantId, toldId))) return [];
  return mergeOne(client, options, bookedId, toldId, record);
}

/** The number that a patient of ours was given is told by a name, or a birth date. */
async function settleNamed(client: Client, options: PeopleOptions, answer: Answer): Promise<Merged[]> {
  const { booked } = await loadBoth(client, options.tenant.tenantId, answer);
  const { record, toldId } = answer;
  const told = (await loadRows(client, options.tenant.tenantId, 'patients', [toldId])).get(toldId);
  if (!told || !booked) return [];
  if (agreementOf(personOf(told), personOf(booked)) === 'other') return part(client, options, toldId, record);
  return isNamed(told) ? mergeOne(client, options, toldId, String(booked.id), record) : [];
}

/** Takes a number back from whom it was given to. @returns none where it was nobody's */
async function part(
  client: Client,
  { tenant, pseudonymKey, now }: PeopleOptions,
  absorbedId: string,
  { cause }: ChangedRecord,
): Promise<Merged[]> {
  const survivorId = (await loadGivenNumbers(client, tenant.tenantId, [absorbedId])).get(absorbedId);
  if (survivorId === undefined) return [];
  const by = { eventId: cause.event.event_id, traceparent: cause.traceparent };
  const { touched } = await partPatients(client, {
    tenant,
    pseudonymKey,
    survivorId,
    absorbedId,
    by,
    now: now(),
  });
  return [{ touched, cause }];
}

/** Who stands for both. */
async function loadBoth(
  client: Client,
  tenantId: string,
  { toldId, bookedId }: Answer,
): Promise<{ told: Row | undefined; booked: Row | undefined }> {
  const rows = await loadRows(client, tenantId, 'patients', [toldId, bookedId]);
  const rootOf = (id: string) => String(rows.get(id)?.merged_into ?? id);
  const roots = await loadRows(client, tenantId, 'patients', [rootOf(toldId), rootOf(bookedId)]);
  return { told: roots.get(rootOf(toldId)), booked: roots.get(rootOf(bookedId)) };
}

function personOf({ first_name, last_name, date_of_birth }: Row) {
  const text = (value: unknown) => (typeof value === 'string' ? value : null);
  return { first: text(first_name), last: text(last_name), dob: text(date_of_birth) };
}

function isNamed({ first_name, last_name }: Row): boolean {
  return first_name !== null || last_name !== null;
}
