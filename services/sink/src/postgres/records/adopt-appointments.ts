import type { Client } from '@switchboard/postgres';
import { loadTwins } from '@switchboard/postgres/people/settle-twins';
import {
  findMadeHere,
  handOver,
  loadAnswered,
  retireAppointments,
} from '@switchboard/postgres/records/answered-appointments';
import { loadExistingAppointments } from '@switchboard/postgres/records/appointments';
import type { Row } from '@switchboard/postgres/rows';
import { type ChangedRecord, changes, momentOf, numberOf, textOf } from './changed-record.ts';
import { type Links, patientIn, referenceIn } from './links.ts';

/** A record whose row is another one now. */
export interface Replaced {
  from: string;
  to: string;
}

/** Records that answer a change of ours: the ids they have taken, and the rows that they had before. */
export interface Answered {
  adopted: ReadonlySet<string>;
  replaced: readonly Replaced[];
}

/**
 * Lets records that answer a change of ours be the appointments that were made here: they take their ids. A row that the
 * record had before, since an event without our id came first, is to be retired.
 */
export async function adoptOwn(
  client: Client,
  tenantId: string,
  records: readonly ChangedRecord[],
): Promise<Answered> {
  const answers = records.flatMap((record) => {
    const id = saidId(record);
    return id === undefined ? [] : [{ record, id }];
  });
  const free = await loadAnswered(
    client,
    tenantId,
    answers.map(({ id }) => id),
  );
  const adopted = new Set<string>();
  const replaced: Replaced[] = [];
  for (const { record, id } of answers) {
    // Two records can't both be one appointment of ours: the first keeps it.
    if (!free.delete(id)) continue;
    if (record.known && record.id !== id) replaced.push({ from: record.id, to: id });
    record.id = id;
    adopted.add(id);
  }
  return { adopted, replaced };
}

/**
 * Lets records that a merge showed to be appointments made here be those, once something new is told of them: they take their
 * ids.
 * @returns with `answered`, which says so by our id
 */
export async function adoptTwins(
  client: Client,
  tenantId: string,
  records: readonly ChangedRecord[],
  { adopted, replaced }: Answered,
): Promise<Answered> {
  const known = records.filter((record) => record.known && !adopted.has(record.id) && changes(record));
  const twins = await loadTwins(
    client,
    tenantId,
    known.map(({ id }) => id),
  );
  const all = { adopted: new Set(adopted), replaced: [...replaced] };
  for (const record of known) {
    const to = twins.get(record.id);
    if (to === undefined || all.adopted.has(to)) continue;
    all.replaced.push({ from: record.id, to });
    all.adopted.add(to);
    record.id = to;
  }
  return all;
}

/**
 * Lets records be the appointments that were made here though they do not say so, or name one that a restored backup does not
 * have: those of the same patient, practitioner
 * and start that the clinic's system does not number yet. A system that books the same visit by itself means the same.
 * @param patientOf who stands for a patient that was merged
 * @returns with `answered`, which says so by our id
 */
export async function adoptAlike(
  client: Client,
  tenantId: string,
  records: readonly ChangedRecord[],
  { adopted, replaced }: Answered,
  links: Links,
  patientOf: (id: string) => string,
): Promise<Answered> {
  const here = await loadExistingAppointments(
    client,
    tenantId,
    records.flatMap((record) => saidId(record) ?? []),
  );
  const alike = records.flatMap((record) => {
    if (adopted.has(record.id) || !changes(record) || here.has(saidId(record) ?? '')) return [];
    const patient = links.idOf('patient', record, patientIn(record, record.now));
    const practitionerId = links.idOf('practitioner', record, referenceIn(record.now, 'practitioner'));
    const startsAt = numberOf(record.now, 'start');
    if (patient === undefined || practitionerId === undefined || startsAt === undefined) return [];
    const toldAt = momentOf(record.after, 'start') ?? startsAt;
    const isGivenUp = ['cancelled', 'no_show'].includes(textOf(record.now, 'status') ?? '');
    // What was told before of one that is no more is not what stands in its place now.
    if (isGivenUp && record.known) return [];
    const givenUpAt = isGivenUp ? (momentOf(record.after, 'status') ?? null) : null;
    return [
      { record, visit: { patientId: patientOf(patient), practitionerId, startsAt, toldAt, givenUpAt } },
    ];
  });
  const found = await findMadeHere(
    client,
    tenantId,
    alike.map(({ visit }) => visit),
  );
  const all = { adopted: new Set(adopted), replaced: [...replaced] };
  for (const [index, { record }] of alike.entries()) {
    const id = found[index] ?? null;
    if (id === null || id === record.id || all.adopted.has(id)) continue;
    if (record.known) all.replaced.push({ from: record.id, to: id });
    record.id = id;
    all.adopted.add(id);
  }
  return all;
}

/** Our id of it, as the clinic's system says. */
export function saidId({ now }: ChangedRecord): string | undefined {
  return textOf(now, 'appointment_id')?.toLowerCase();
}

/** Whether calls or staff booked it here: all of those have a code, and nothing else has. */
export function isMadeHere(row: Row): boolean {
  return row.confirmation_code !== null;
}

/** Marks rows that were told a second time by mistake, and gives what they had to the ones that stay. */
export async function retireReplaced(
  client: Client,
  tenantId: string,
  replaced: readonly Replaced[],
): Promise<void> {
  await handOver(client, tenantId, replaced);
  await retireAppointments(
    client,
    tenantId,
    replaced.map(({ from }) => from),
  );
}
