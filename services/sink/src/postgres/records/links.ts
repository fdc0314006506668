import { uuidV7 } from '@switchboard/domain/ids';
import { patientKey, type RecordKind, referenceKey } from '@switchboard/domain/records/record-statements';
import type { Client } from '@switchboard/postgres';
import { ensureDepartments } from '@switchboard/postgres/records/clinic';
import { loadRecordIds, type RecordKey } from '@switchboard/postgres/records/record-states';
import type { NamedReference, PatientDetails, ScheduleDetails, WeeklyRule } from '@switchboard/schemas';
import { type ChangedRecord, numberingOf, partsOfStep, textOf, type Winners } from './changed-record.ts';
import { keyOf } from './join-records.ts';

/** Our ids of what records refer to by the sender's. */
export interface Links {
  idOf(kind: RecordKind, record: ChangedRecord, externalId: string | undefined): string | undefined;
  departmentOf(name: string | undefined): string | undefined;
}

/** Finds what the changed records refer to; what no event of this batch names was named by an earlier one. */
export async function loadLinks(
  client: Client,
  tenantId: string,
  records: readonly ChangedRecord[],
  now: () => number,
): Promise<Links> {
  const ids = new Map(records.map((record) => [keyOf(record), record.id]));
  const missing = new Map<string, RecordKey>();
  const departments = new Map<string, string>();
  for (const record of records) {
    for (const winners of [record.was, record.now]) {
      for (const [kind, externalId] of referencesOf(record, winners)) {
        const key = { kind, numbering: numberingOf(record.numbering, externalId), externalId };
        if (!ids.has(keyOf(key))) missing.set(keyOf(key), key);
      }
      const department = departmentIn(record, winners);
      if (department !== undefined && !departments.has(department))
        departments.set(department, uuidV7(now()));
    }
  }
  for (const found of await loadRecordIds(client, tenantId, [...missing.values()]))
    ids.set(keyOf(found), found.id);
  const departmentIds = await ensureDepartments(client, tenantId, departments);
  return {
    idOf: (kind, { numbering }, externalId) =>
      externalId === undefined
        ? undefined
        : ids.get(keyOf({ kind, numbering: numberingOf(numbering, externalId), externalId })),
    departmentOf: (name) => (name === undefined ? undefined : departmentIds.get(name)),
  };
}

/** The sender's id of whom or what a field refers to. */
export function referenceIn(winners: Winners, name: string): string | undefined {
  const value = winners[name];
  return isReference(value) ? (referenceKey(value) ?? undefined) : undefined;
}

/** The weekly rules of a schedule: what the state holds of them was an event's. */
export function rulesIn({ rules }: Winners): NonNullable<ScheduleDetails['rules']> {
  return Array.isArray(rules) ? rules : [];
}

/** By what the kinds of visit that a rule is for are known. */
export function typesIn({ appointment_types: types }: WeeklyRule): string[] {
  return types.flatMap((type) => referenceKey(type) ?? []);
}

/** The sender's id of a record's patient. */
export function patientIn(
  { kind, externalId }: Pick<ChangedRecord, 'kind' | 'externalId'>,
  winners: Winners,
): string | undefined {
  const told = textOf(winners, 'patient_external_id');
  if (told !== undefined) return told;
  const { patient } = winners;
  return isPatient(patient) ? (patientKey(patient, kind, externalId) ?? undefined) : undefined;
}

/** The department that a practitioner or journey is told to be of. */
export function departmentIn({ kind }: ChangedRecord, winners: Winners): string | undefined {
  if (kind !== 'practitioner' && kind !== 'journey') return undefined;
  const told = textOf(winners, 'department') ?? textOf(winners, 'reference_department');
  return told?.trim().replace(/\s+/g, ' ') || undefined;
}

function referencesOf(record: ChangedRecord, winners: Winners): [RecordKind, string][] {
  const patient = patientIn(record, winners);
  const journey = record.kind === 'step' ? partsOfStep(record.externalId).journeyId : undefined;
  const appointment = record.kind === 'step' ? textOf(winners, 'appointment') : undefined;
  const all: [RecordKind, string | undefined][] = [
    ['practitioner', referenceIn(winners, 'practitioner')],
    ['location', referenceIn(winners, 'location')],
    ['appointment_type', referenceIn(winners, 'appointment_type')],
    ...rulesIn(winners)
      .flatMap(typesIn)
      .map((type): [RecordKind, string] => ['appointment_type', type]),
    ['patient', patient],
    ['patient', textOf(winners, 'merged_into')],
    ['journey', journey],
    ['appointment', appointment],
  ];
  return all.flatMap(([kind, id]): [RecordKind, string][] => (id === undefined ? [] : [[kind, id]]));
}

function isReference(value: unknown): value is NamedReference {
  return typeof value === 'object' && value !== null && 'external_id' in value && 'name' in value;
}

/** What the state holds of a patient was an event's. */
function isPatient(value: unknown): value is PatientDetails {
  return typeof value === 'object' && value !== null && 'external_id' in value && 'phones' in value;
}
