import { normaliseName, splitName } from '@switchboard/domain/names';
import { toE164 } from '@switchboard/domain/phone';
import type { Client } from '@switchboard/postgres';
import {
  changeIdentifiers,
  type Identifier,
  upsertToldPatients,
} from '@switchboard/postgres/people/told-patients';
import type { TenantSettings } from '@switchboard/postgres/tenants';
import type { PatientDetails } from '@switchboard/schemas';
import {
  type ChangedRecord,
  changes,
  flagOf,
  isPlaceholder,
  textOf,
  type Winners,
} from './changed-record.ts';
import { changedColumns } from './overlay.ts';
import { writeRows } from './write-rows.ts';

export interface WrittenPatient {
  record: ChangedRecord;
  name: string | null;
  dob: string | null;
  /** E.164. */
  phones: string[];
  /** Whether anything changed by which a patient is recognised. */
  telling: boolean;
  /** Phones that came or went. */
  changedPhones: string[];
}

/** Writes patients and the numbers they are known by. @returns those that changed */
export async function writePatients(
  client: Client,
  { tenantId, country }: TenantSettings,
  records: readonly ChangedRecord[],
): Promise<WrittenPatient[]> {
  const told = new Set(records.filter(({ now }) => isNamed(now)).map(({ id }) => id));
  await writeRows(client, tenantId, records, {
    table: 'patients',
    // Who is named by the clinic's system is not named by a call any more.
    upsert: (writer, rows) =>
      upsertToldPatients(
        writer,
        rows.map((row) => (told.has(String(row.id)) ? { ...row, name_call_id: null } : row)),
      ),
    columns: (_record, winners, state) => ({
      ...nameOf(winners),
      date_of_birth: textOf(winners, 'date_of_birth'),
      language: textOf(winners, 'language'),
      active: flagOf(winners, 'active'),
      deceased: flagOf(winners, 'deceased'),
      placeholder: isPlaceholder(state),
    }),
    defaults: () => ({ status: 'active', origin: 'clinic_system', active: true }),
  });
  const patients = records.filter(changes).map((record) => {
    const was = identifiersOf(record.was, country);
    const now = identifiersOf(record.now, country);
    return { record, was, now };
  });
  await changeIdentifiers(
    client,
    tenantId,
    patients.flatMap(({ record, was, now }) =>
      missingFrom(now, was).map((one) => ({ patientId: record.id, ...one })),
    ),
    patients.flatMap(({ record, was, now }) =>
      missingFrom(was, now).map((one) => ({ patientId: record.id, ...one })),
    ),
  );
  return patients.map(({ record, was, now }) => {
    const told = tellingOf(record.now, now);
    return {
      record,
      ...told,
      telling: changedColumns(tellingOf(record.was, was), told).length > 0,
      changedPhones: [...missingFrom(now, was), ...missingFrom(was, now)]
        .filter(({ kind }) => kind === 'phone')
        .map(({ value }) => value),
    };
  });
}

function isNamed(winners: Winners): boolean {
  const { first_name, last_name } = nameOf(winners);
  return [first_name, last_name, textOf(winners, 'date_of_birth')].some((part) => part !== undefined);
}

function tellingOf(winners: Winners, identifiers: readonly Identifier[]) {
  const { first_name, last_name } = nameOf(winners);
  return {
    name: [first_name, last_name].filter(Boolean).join(' ') || null,
    dob: textOf(winners, 'date_of_birth') ?? null,
    phones: identifiers.flatMap(({ kind, value }) => (kind === 'phone' ? [value] : [])),
  };
}

/** First and last name as people write them; the whole name counts where no part is told. */
function nameOf(winners: Winners): { first_name: string | undefined; last_name: string | undefined } {
  const first = normaliseName(textOf(winners, 'first_name'));
  const last = normaliseName(textOf(winners, 'last_name'));
  const whole = first === null && last === null ? splitName(textOf(winners, 'full_name')) : null;
  return {
    first_name: first ?? whole?.first ?? undefined,
    last_name: last ?? whole?.last ?? undefined,
  };
}

function identifiersOf(winners: Winners, country: string): Identifier[] {
  const { phones, identifiers } = partsOf(winners);
  const email = textOf(winners, 'email')?.trim().toLowerCase();
  const all: Identifier[] = [
    ...phones.flatMap((raw) => {
      const value = toE164(raw, country);
      return value === null ? [] : [{ kind: 'phone', value }];
    }),
    ...(email ? [{ kind: 'email', value: email }] : []),
    ...identifiers.flatMap(({ system, value }) =>
      value.trim() === '' ? [] : [{ kind: systemOf(system), value: value.trim() }],
    ),
  ];
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}

/** A number's giver as a key; a phone or mail address is none of these. */
function systemOf(system: string): string {
  const key = system
    .toLowerCase()
    .replace(/[^a-z0-9._:/-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 64);
  return key === '' || key === 'phone' || key === 'email' ? 'other' : key;
}

/** What the state holds of these was an event's. */
function partsOf({ phones, identifiers }: Winners): {
  phones: NonNullable<PatientDetails['phones']>;
  identifiers: NonNullable<PatientDetails['identifiers']>;
} {
  return {
    phones: Array.isArray(phones) ? phones : [],
    identifiers: Array.isArray(identifiers) ? identifiers : [],
  };
}

function missingFrom(some: readonly Identifier[], others: readonly Identifier[]): Identifier[] {
  const known = new Set(others.map((one) => JSON.stringify(one)));
  return some.filter((one) => !known.has(JSON.stringify(one)));
}
