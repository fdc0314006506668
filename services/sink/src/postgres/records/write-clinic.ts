import { uuidV7 } from '@switchboard/domain/ids';
import { isSlotLength } from '@switchboard/domain/records/check-event';
import type { Client } from '@switchboard/postgres';
import {
  deleteScheduleRows,
  upsertAppointmentTypes,
  upsertLocations,
  upsertPractitioners,
  upsertScheduleExceptions,
  upsertSchedules,
} from '@switchboard/postgres/records/clinic';
import type { Row } from '@switchboard/postgres/rows';
import type { TenantSettings } from '@switchboard/postgres/tenants';
import type { ScheduleDetails, WeeklyRule } from '@switchboard/schemas';
import { type ChangedRecord, flagOf, isPlaceholder, textOf, type Winners } from './changed-record.ts';
import { departmentIn, type Links, referenceIn, rulesIn, typesIn } from './links.ts';
import { writeRows } from './write-rows.ts';

/** How long a visit is of whose kind nobody says it. */
const defaultDurationMinutes = 30;

/**
 * Writes places, people and kinds of visit, and the hours.
 * @returns practitioners whose department or hours may have changed
 */
export async function writeClinic(
  client: Client,
  tenant: TenantSettings,
  records: readonly ChangedRecord[],
  links: Links,
  now: () => number,
): Promise<string[]> {
  const { tenantId } = tenant;
  const of = (kind: string) => records.filter((record) => record.kind === kind);
  await writeRows(client, tenantId, of('location'), {
    table: 'locations',
    upsert: upsertLocations,
    columns: (_record, winners, state) => ({
      name: textOf(winners, 'name') ?? textOf(winners, 'reference_name'),
      time_zone: textOf(winners, 'time_zone') ?? textOf(winners, 'reference_time_zone'),
      active: flagOf(winners, 'active'),
      placeholder: isPlaceholder(state),
    }),
    defaults: ({ externalId }) => ({ name: externalId, time_zone: tenant.timeZone, active: true }),
  });
  const practitioners = await writeRows(client, tenantId, of('practitioner'), {
    table: 'practitioners',
    upsert: upsertPractitioners,
    columns: (record, winners, state) => ({
      display_name: practitionerName(winners),
      department_id: links.departmentOf(departmentIn(record, winners)),
      active: flagOf(winners, 'active'),
      placeholder: isPlaceholder(state),
    }),
    defaults: ({ externalId }) => ({ display_name: externalId, active: true }),
  });
  await writeRows(client, tenantId, of('appointment_type'), {
    table: 'appointment_types',
    upsert: upsertAppointmentTypes,
    columns: (_record, winners) => ({ name: textOf(winners, 'reference_name') }),
    setHere: ({ name_set }) => (name_set === true ? ['name'] : []),
    defaults: ({ externalId }) => ({
      name: externalId,
      duration_minutes: defaultDurationMinutes,
      duration_told: false,
      buffer_before_minutes: 0,
      buffer_after_minutes: 0,
      lead_time_minutes: 0,
      active: true,
    }),
  });
  const scheduled = await writeSchedules(client, tenantId, of('schedule'), links, now);
  return [...practitioners.map(({ record }) => record.id), ...scheduled];
}

/** With the title, unless the name has it. */
function practitionerName(winners: Winners): string | undefined {
  const name = textOf(winners, 'name');
  const title = textOf(winners, 'title');
  if (name === undefined) return textOf(winners, 'reference_name');
  return title === undefined || name.toLowerCase().startsWith(title.toLowerCase())
    ? name
    : `${title} ${name}`;
}

/**
 * A schedule is told as a whole: its rules take the place of those before, also where it is told again as it was, since the
 * rows may be of rules that held less of it. One of nobody yet has none.
 */
async function writeSchedules(
  client: Client,
  tenantId: string,
  schedules: readonly ChangedRecord[],
  links: Links,
  now: () => number,
): Promise<string[]> {
  const told = schedules.map((schedule) => {
    const practitioner = (winners: Winners) =>
      links.idOf('practitioner', schedule, referenceIn(winners, 'practitioner'));
    return {
      schedule,
      practitionerId: practitioner(schedule.now),
      formerId: practitioner(schedule.was),
      locationId: links.idOf('location', schedule, referenceIn(schedule.now, 'location')),
    };
  });
  const ofSomebody = told.filter(({ practitionerId }) => practitionerId !== undefined);
  const base = ({ schedule, practitionerId, locationId }: (typeof told)[number]): Row => ({
    tenant_id: tenantId,
    id: uuidV7(now()),
    practitioner_id: practitionerId,
    location_id: locationId ?? null,
    time_zone: textOf(schedule.now, 'time_zone') ?? null,
    schedule_id: schedule.id,
    source: null,
    external_id: null,
  });
  // For kinds that nobody can tell they are for none: what is not for all must not be offered to all.
  const typesOf = (schedule: ChangedRecord, rule: WeeklyRule) => {
    if (rule.appointment_types.length === 0) return null;
    return typesIn(rule)
      .flatMap((type) => links.idOf('appointment_type', schedule, type) ?? [])
      .toSorted();
  };
  await deleteScheduleRows(
    client,
    tenantId,
    schedules.filter(({ known }) => known).map(({ id }) => id),
  );
  await upsertSchedules(
    client,
    ofSomebody.flatMap((one) =>
      rulesIn(one.schedule.now).map((rule) => ({
        ...base(one),
        weekday: rule.weekday,
        starts: rule.start,
        ends: rule.end,
        slot_minutes: isSlotLength(rule.slot_minutes) ? rule.slot_minutes : null,
        appointment_type_ids: typesOf(one.schedule, rule),
        valid_from: textOf(one.schedule.now, 'valid_from') ?? '-infinity',
        valid_to: textOf(one.schedule.now, 'valid_to') ?? 'infinity',
      })),
    ),
  );
  await upsertScheduleExceptions(
    client,
    ofSomebody.flatMap((one) =>
      exceptionsOf(one.schedule.now).map(({ date, available, start, end }) => ({
        ...base(one),
        kind: available ? 'open' : 'closed',
        local_date: date,
        starts: start ?? '00:00',
        ends: end ?? '24:00',
      })),
    ),
  );
  return told.flatMap(({ practitionerId, formerId }) =>
    [practitionerId, formerId].filter((id) => id !== undefined),
  );
}

function exceptionsOf({ exceptions }: Winners): NonNullable<ScheduleDetails['exceptions']> {
  return Array.isArray(exceptions) ? exceptions : [];
}
