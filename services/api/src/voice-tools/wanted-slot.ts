import { localDateAt } from '@switchboard/domain/periods/zone';
import { namedAsHeard } from '@switchboard/domain/scheduling/as-heard';
import { startFault } from '@switchboard/domain/scheduling/slots';
import { findAlternatives } from '@switchboard/postgres/scheduling/alternatives';
import { checkTime, type FreeSlot, type SlotFault } from '@switchboard/postgres/scheduling/find-slots';
import type { VisitType } from '@switchboard/postgres/scheduling/visit-types';
import { readSlotId } from './slot-id.ts';
import { presentSlot, refuse, saidSlot, type ToolContext, type ToolResult } from './tool-context.ts';

export interface WantedSlot {
  practitionerId: string;
  /** Unix ms. */
  from: number;
  visit: VisitType;
  /** As of {@link MeantVisit}. */
  notice: string;
  /** Where alone it was asked for. */
  locationId?: string | undefined;
  /** Nobody named a kind of visit: where the hours are not for the usual one, it is one that they are for. */
  isOfAnyKind: boolean;
}

export interface MeantVisit {
  visit: VisitType;
  /** Said first, with a space behind it, where a kind was asked for that the clinic has not; else empty. */
  notice: string;
}

interface TimeBody {
  slot_id?: string | undefined;
  practitioner_id?: string | undefined;
  start?: string | undefined;
  appointment_type?: string | undefined;
}

/** The kind of visit that is meant, by its name as heard or its id; the usual one where nobody says, or says none of them. */
export function visitOf(
  context: ToolContext,
  heard: string | undefined,
  id: string | null = null,
): MeantVisit {
  const { types, lines } = context;
  const withId = (wanted: string | null) => types.find((type) => type.id === wanted);
  const usual = withId(id) ?? types[0];
  if (heard === undefined || usual.name === null) return { visit: usual, notice: '' };
  const named = types.map((type) => ({ type, id: type.id ?? '', name: type.name ?? '' }));
  const meant = withId(heard) ?? namedAsHeard(heard, named)[0]?.type;
  return meant ? { visit: meant, notice: '' } : { visit: usual, notice: `${lines.otherKind(usual.name)} ` };
}

/** Undefined: the id of a slot that is none, a time when no visit begins, or a practitioner who is not the clinic's. */
export function readWanted(context: ToolContext, body: TimeBody): WantedSlot | undefined {
  const slot =
    body.slot_id === undefined
      ? {
          practitionerId: body.practitioner_id ?? '',
          from: Date.parse(body.start ?? ''),
          typeId: null,
          locationId: undefined,
        }
      : readSlotId(body.slot_id);
  if (!slot || !context.directory.practitioners.some(({ id }) => id === slot.practitionerId))
    return undefined;
  const { practitionerId, from, typeId, locationId } = slot;
  if (startFault(from) !== null) return undefined;
  const isOfAnyKind = body.appointment_type === undefined && typeId === null;
  return {
    practitionerId,
    from,
    locationId,
    isOfAnyKind,
    ...visitOf(context, body.appointment_type, typeId),
  };
}

/** The slot, or why it cannot be had, and what is wanted then: of another kind where nobody named one. */
export async function checkAnyKind(
  context: ToolContext,
  wanted: WantedSlot,
): Promise<{ wanted: WantedSlot; slot: FreeSlot | SlotFault }> {
  const slot = await checkWanted(context, wanted);
  if (slot !== 'OUTSIDE_HOURS' || !wanted.isOfAnyKind) return { wanted, slot };
  for (const visit of context.types) {
    const other = { ...wanted, visit };
    const found = await checkWanted(context, other);
    if (found !== 'OUTSIDE_HOURS') return { wanted: other, slot: found };
  }
  return { wanted, slot };
}

/** The slot, or why it cannot be had. */
export async function checkWanted(
  context: ToolContext,
  wanted: WantedSlot,
  except?: string,
): Promise<FreeSlot | SlotFault> {
  const { client, tenant, now } = context;
  const slot = await checkTime(client, tenant.tenantId, { ...wanted, now, zone: tenant.timeZone, except });
  const isElsewhere =
    typeof slot !== 'string' && wanted.locationId !== undefined && slot.locationId !== wanted.locationId;
  return isElsewhere ? 'OUTSIDE_HOURS' : slot;
}

/** What is answered where a slot cannot be had: with others that are free now. */
export async function refuseSlot(
  context: ToolContext,
  wanted: WantedSlot,
  fault: SlotFault,
  except?: string,
): Promise<ToolResult> {
  const { client, tenant, directory, lines, now } = context;
  const own = directory.practitioners.find(({ id }) => id === wanted.practitionerId);
  const colleagueIds = directory.practitioners
    .filter(({ id, department, specialty }) => {
      const alike = own?.department ? department === own.department : specialty === own?.specialty;
      return id !== wanted.practitionerId && alike;
    })
    .map(({ id }) => id);
  const date = localDateAt(Math.max(wanted.from, now), tenant.timeZone);
  const found = await findAlternatives(client, tenant.tenantId, {
    practitionerId: wanted.practitionerId,
    colleagueIds,
    date,
    near: wanted.from,
    locationId: wanted.locationId,
    visit: wanted.visit,
    ...(wanted.isOfAnyKind && { others: context.types }),
    now,
    zone: tenant.timeZone,
    except,
  });
  const alternatives = found.map((slot) => presentSlot(context, slot, slot.visit, wanted.locationId));
  const line = { SLOT_TAKEN: lines.taken, OUTSIDE_HOURS: lines.outsideHours, TOO_SOON: lines.tooSoon }[fault];
  const said = found.map((slot) => saidSlot(context, slot));
  return refuse(fault, `${wanted.notice}${line(said)}`, true, alternatives);
}
