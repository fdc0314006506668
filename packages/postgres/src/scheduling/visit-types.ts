import type { VisitLength } from '@switchboard/domain/scheduling/slots';
import type { Queryable } from '../pool.ts';
import type { StoredVisit } from './change-context.ts';

/** What kind of visit is booked. */
export interface VisitType extends VisitLength {
  /** Null: the clinic has no kinds. */
  id: string | null;
  name: string | null;
  /** How long before its start a visit must be booked, minutes. */
  leadTime: number;
  /** It is moved, and nobody told its kind: into hours of any. */
  kindUntold?: boolean;
}

/** Of a clinic that has no kinds of visits. */
const plainVisit: VisitType = {
  id: null,
  name: null,
  duration: 30,
  bufferBefore: 0,
  bufferAfter: 0,
  leadTime: 0,
  lengthUntold: true,
};

/** The kinds of visits that can be booked, the usual one first: never empty. */
export async function loadVisitTypes(
  client: Queryable,
  tenantId: string,
): Promise<[VisitType, ...VisitType[]]> {
  return loadTypes(client, tenantId, null);
}

/** What an appointment is when it is moved: as long as it was, and of its kind, though that can be booked no more. */
export async function loadMovedVisit(
  client: Queryable,
  tenantId: string,
  { typeId, startsAt, endsAt }: Pick<StoredVisit, 'typeId' | 'startsAt' | 'endsAt'>,
): Promise<VisitType> {
  const types = await loadTypes(client, tenantId, typeId);
  const kind = types.find(({ id }) => id === typeId) ?? { ...plainVisit, leadTime: types[0].leadTime };
  const duration = (endsAt.getTime() - startsAt.getTime()) / 60_000;
  return { ...kind, duration, lengthUntold: false, kindUntold: kind.id === null };
}

async function loadTypes(
  client: Queryable,
  tenantId: string,
  besides: string | null,
): Promise<[VisitType, ...VisitType[]]> {
  const { rows } = await client.query<VisitType>(
    `SELECT id, name, duration_minutes AS duration, buffer_before_minutes AS "bufferBefore",
       buffer_after_minutes AS "bufferAfter", lead_time_minutes AS "leadTime",
       NOT duration_told AS "lengthUntold"
     FROM appointment_types WHERE tenant_id = $1 AND (active OR id = $2)
     ORDER BY name !~* 'consult', created_at, id`,
    [tenantId, besides],
  );
  const [first, ...others] = rows;
  return first ? [first, ...others] : [plainVisit];
}
