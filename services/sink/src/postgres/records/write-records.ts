import { type RecordKind, statementsOf } from '@switchboard/domain/records/record-statements';
import type { Client } from '@switchboard/postgres';
import { stateTouched } from '@switchboard/postgres/facts/state-touched';
import { loadSurvivors } from '@switchboard/postgres/people/told-patients';
import { loadExistingAppointments } from '@switchboard/postgres/records/appointments';
import { linkAwaitingSteps } from '@switchboard/postgres/records/journeys';
import { loadRecordRules, upsertRecordStates } from '@switchboard/postgres/records/record-states';
import type { TenantSettings } from '@switchboard/postgres/tenants';
import { isLate } from '../is-late.ts';
import { settleTold } from '../told-visits.ts';
import type { WriteOptions } from '../write-events.ts';
import { writeNewEvents } from '../write-new-events.ts';
import { adoptAlike, adoptOwn, adoptTwins } from './adopt-appointments.ts';
import { settleAnswers } from './answered-people.ts';
import { type ChangedRecord, type RecordEvent, type SaidEvent, textOf } from './changed-record.ts';
import { joinRecords } from './join-records.ts';
import { type Links, loadLinks, patientIn } from './links.ts';
import { matchConversations } from './match-conversations.ts';
import { mergePeople } from './merge-people.ts';
import { writeAppointments } from './write-appointments.ts';
import { writeClinic } from './write-clinic.ts';
import { writeJourneys, writeSteps } from './write-journeys.ts';
import { writeMessages } from './write-messages.ts';
import { writePatients } from './write-patients.ts';

/**
 * Writes one tenant's events of the clinic's system in one transaction: marks them as taken, joins what they say with what
 * was known of each record, writes the rows that change by it, and states the facts. Events that were taken before do
 * nothing, here or in an earlier batch.
 * @returns those of the events that were new
 */
export async function writeRecords(
  options: WriteOptions,
  tenant: TenantSettings,
  events: readonly RecordEvent[],
): Promise<readonly RecordEvent[]> {
  const said = events.map((cause): SaidEvent => ({ cause, statements: statementsOf(cause.event) }));
  const idOf = ({ cause }: SaidEvent) => cause.event.event_id;
  const written = await writeNewEvents(options.pool, tenant.tenantId, said, idOf, (client, fresh) =>
    writeFresh(client, options, tenant, fresh),
  );
  return written.map(({ cause }) => cause);
}

async function writeFresh(
  client: Client,
  options: WriteOptions,
  tenant: TenantSettings,
  events: readonly SaidEvent[],
): Promise<void> {
  const { tenantId } = tenant;
  const { now, pseudonymKey } = options;
  const rules = await loadRecordRules(client, tenantId);
  const records = await joinRecords(client, tenantId, events, rules.ownNumberings, now);
  const byKind = Map.groupBy(records, ({ kind }) => kind);
  const of = (kind: RecordKind) => byKind.get(kind) ?? [];
  const told = await adoptOwn(client, tenantId, of('appointment'));
  const named = await loadLinks(client, tenantId, records, now);

  const practitioners = await writeClinic(client, tenant, records, named, now);
  const patients = await writePatients(client, tenant, of('patient'));
  const people = { tenant, pseudonymKey, now };
  const visits = { visits: of('appointment'), adopted: told.adopted };
  const merged = [
    ...(await settleAnswers(client, people, visits, patients, named)),
    ...(await mergePeople(client, people, of('patient'), patients, named)),
  ];
  const patientOf = await loadPatientOf(client, tenantId, records, named);
  const twins = await adoptTwins(client, tenantId, of('appointment'), told);
  const answered = await adoptAlike(client, tenantId, of('appointment'), twins, named, patientOf);
  // Steps may name what has another id by now.
  const links =
    answered.adopted.size > told.adopted.size ? await loadLinks(client, tenantId, records, now) : named;
  const journeys = await writeJourneys(client, tenantId, of('journey'), links, patientOf);
  const appointments = await writeAppointments(
    client,
    tenantId,
    of('appointment'),
    answered,
    links,
    patientOf,
    now,
  );
  // Before the steps of this batch, which may name other appointments by now.
  const linked = await linkAwaitingSteps(client, tenantId, appointments.created);
  const steps = await writeSteps(
    client,
    tenantId,
    of('step'),
    links,
    await loadHasRow(client, tenantId, of('step'), links),
  );
  const messages = await writeMessages(
    client,
    tenant,
    of('message'),
    links,
    patientOf,
    rules.reopenDays,
    now,
  );
  const matched = await matchConversations(
    client,
    tenant,
    [...messages.phones, ...patients.flatMap(({ changedPhones }) => changedPhones)],
    now,
  );
  await writeStates(client, tenantId, records, steps.awaited, answered.adopted);

  const all = (list: 'patients' | 'calls' | 'conversations' | 'appointments' | 'journeys') =>
    merged.flatMap(({ touched }) => [...(touched[list] ?? [])]);
  const settled = await settleTold(client, tenant, {
    appointments: appointments.changed,
    patients: all('patients'),
  });
  const causes = new Map([
    ...merged.flatMap(({ touched, cause }) =>
      [touched.calls, touched.conversations, touched.appointments, touched.journeys].flatMap((ids) =>
        [...(ids ?? [])].map((id) => [id, causeOf(cause)] as const),
      ),
    ),
    ...records.map(({ id, cause }) => [id, causeOf(cause)] as const),
  ]);
  const last = events.at(-1);
  if (!last) return;
  await stateTouched(
    client,
    {
      tenant,
      pseudonymKey,
      cause: causeOf(last.cause),
      causeOf: (id) => causes.get(id),
      isLate: isLate(
        events.map(({ cause }) => cause.event.received_at),
        Date.now(),
      ),
    },
    {
      patients: [...patients.map(({ record }) => record.id), ...all('patients'), ...matched.patients],
      practitioners,
      calls: [...all('calls'), ...settled.calls],
      appointments: [...appointments.changed, ...all('appointments'), ...settled.appointments],
      journeys: [...journeys, ...steps.journeys, ...linked, ...all('journeys')],
      messages: messages.messages,
      conversations: [...messages.conversations, ...matched.conversations, ...all('conversations')],
    },
  );
}

/** Who stands for each patient that the records name. */
async function loadPatientOf(
  client: Client,
  tenantId: string,
  records: readonly ChangedRecord[],
  links: Links,
): Promise<(id: string) => string> {
  const ids = records.flatMap((record) =>
    [record.was, record.now].flatMap(
      (winners) => links.idOf('patient', record, patientIn(record, winners)) ?? [],
    ),
  );
  const survivors = await loadSurvivors(client, tenantId, [...new Set(ids)]);
  return (id) => survivors.get(id) ?? id;
}

/** Which of the appointments that steps name have rows. */
async function loadHasRow(
  client: Client,
  tenantId: string,
  steps: readonly ChangedRecord[],
  links: Links,
): Promise<(id: string) => boolean> {
  const ids = steps.flatMap((record) =>
    [record.was, record.now].flatMap(
      (winners) => links.idOf('appointment', record, textOf(winners, 'appointment')) ?? [],
    ),
  );
  const existing = await loadExistingAppointments(client, tenantId, [...new Set(ids)]);
  return (id) => existing.has(id);
}

/** What nothing new was said of stays as it is. */
async function writeStates(
  client: Client,
  tenantId: string,
  records: readonly ChangedRecord[],
  awaited: ReadonlyMap<string, string>,
  adopted: ReadonlySet<string>,
): Promise<void> {
  const changed = records.filter(({ known, altered, id }) => !known || altered || adopted.has(id));
  await upsertRecordStates(
    client,
    changed.map(({ kind, numbering, externalId, id, after }) => ({
      tenant_id: tenantId,
      kind,
      numbering,
      external_id: externalId,
      entity_id: id,
      state: after,
      awaits: awaited.get(id) ?? null,
    })),
  );
}

function causeOf({ event, traceparent }: RecordEvent): { eventId: string; traceparent: string | null } {
  return { eventId: event.event_id, traceparent };
}
