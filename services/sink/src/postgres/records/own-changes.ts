import { heldOf, impliedNames, type RecordState } from '@switchboard/domain/records/record-state';
import type { StoredAppointment } from '@switchboard/postgres/records/appointments';
import { isoOf } from './changed-record.ts';
import { type Columns, isOtherwise } from './overlay.ts';
import { hasArrived } from './render-appointment.ts';

/** What is told of an appointment, before and now. */
export interface ToldColumns {
  was: Columns;
  now: Columns;
}

/**
 * What is told of an appointment that was changed here too: what is older than that change does not count, and what is told
 * later holds against what the change left, though it is what was told before the change. Clocks differ: what was told before
 * a change of ours that calls itself the older one does not hold against it either, until something newer is told.
 * @param states of which the columns are, before and after what is told now
 */
export function besideOwn(
  { was, now }: ToldColumns,
  states: { before: RecordState; after: RecordState },
  stored: StoredAppointment,
): ToldColumns {
  const own = ownColumns(now.status, stored);
  const overruled = new Set(
    own.filter(({ name }) => isOtherwise(name, was, stored.row)).map(({ fields }) => String(fields)),
  );
  const isAnew = ({ fields }: OwnColumn) =>
    fields.some(
      (field) => heldOf(states.before.fields, field)?.id !== heldOf(states.after.fields, field)?.id,
    );
  const counts = own.filter(
    (one) =>
      one.fields.every((field) => timeOf(states.after, field) >= one.since) &&
      (isAnew(one) || !overruled.has(String(one.fields))),
  );
  const left = new Set(own.filter((one) => !counts.includes(one)).map(({ name }) => name));
  const withoutLeft = (columns: Columns): Columns =>
    Object.fromEntries(Object.entries(columns).filter(([name]) => !left.has(name)));
  const here = Object.fromEntries(counts.filter(isAnew).map(({ name }) => [name, stored.row[name]]));
  const since = Object.fromEntries(
    counts.flatMap(({ name }) => {
      const time = now[name] === undefined ? undefined : impliedLast(states.after, name);
      return time === undefined ? [] : [[name, time]];
    }),
  );
  return { was: { ...withoutLeft(was), ...here }, now: { ...withoutLeft(now), ...since } };
}

/** A time that events imply: of what counts after a change made here, it is the last. Undefined: it is told, or none. */
function impliedLast({ fields }: RecordState, name: string): string | undefined {
  const [, lastName = ''] = impliedNames(name);
  const last = heldOf(fields, lastName);
  if (last === undefined || heldOf(fields, name)?.id !== last.id) return undefined;
  return isoOf(typeof last.value === 'number' ? last.value : undefined);
}

/** A column that was changed here, when last (Unix ms), and the fields that tell it. */
interface OwnColumn {
  name: string;
  since: number;
  fields: readonly string[];
}

/** @param status as it is told; what another one leaves behind goes with it */
function ownColumns(status: unknown, { own_status_at, own_time_at }: StoredAppointment): OwnColumn[] {
  const columns = (since: Date | null, fields: Readonly<Record<string, readonly string[]>>) =>
    since === null
      ? []
      : Object.entries(fields).map(([name, told]) => ({ name, since: since.getTime(), fields: told }));
  const only = (wanted: string, field: string) => (status === wanted ? ['status', field] : ['status']);
  return [
    ...columns(own_status_at, {
      status: ['status'],
      confirmed_at: ['status', 'confirmed_at'],
      checked_in_at: hasArrived(status) ? ['status', 'checked_in_at'] : ['status'],
      completed_at: only('completed', 'completed_at'),
      cancelled_at: only('cancelled', 'cancelled_at'),
      cancelled_by: only('cancelled', 'cancelled_by'),
      cancel_reason: only('cancelled', 'cancel_reason'),
    }),
    ...columns(own_time_at, {
      starts_at: ['start'],
      ends_at: ['start'],
      practitioner_id: ['start', 'practitioner'],
      location_id: ['start', 'location'],
    }),
  ];
}

/** When a field was told to have happened, Unix ms; nobody says when: before all else. */
function timeOf({ fields }: RecordState, field: string): number {
  return heldOf(fields, field)?.time ?? Number.NEGATIVE_INFINITY;
}
