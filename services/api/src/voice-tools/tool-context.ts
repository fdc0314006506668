import { zonedIso } from '@switchboard/domain/periods/zone';
import type { Client } from '@switchboard/postgres';
import type { FreeSlot } from '@switchboard/postgres/scheduling/find-slots';
import type { VisitType } from '@switchboard/postgres/scheduling/visit-types';
import type { TenantSettings } from '@switchboard/postgres/tenants';
import type { Directory } from '@switchboard/postgres/voice-tools/directory';
import { toSlotId } from './slot-id.ts';
import type { SpokenLines, SpokenSlot } from './spoken/lines.ts';
import { momentAt } from './spoken/speak.ts';

/** What a tool works with: an open transaction of the clinic, and its language. */
export interface ToolContext {
  client: Client;
  tenant: TenantSettings;
  pseudonymKey: Buffer;
  directory: Directory;
  types: [VisitType, ...VisitType[]];
  lines: SpokenLines;
  /** Unix ms. */
  now: number;
}

/** What a tool answers, and what is kept of it. */
export interface ToolResult {
  ok: boolean;
  code: string;
  spoken: string;
  /** The rest of the answer. */
  more: Readonly<Record<string, unknown>>;
  appointmentId?: string;
  /** Keyed hash of for whom it was booked, as was said. */
  askedFor?: string;
  /** Done for somebody who has proved who they are: its time has nothing to hide. */
  proven?: boolean;
}

/** A slot as an answer has it. @param askedFor the place, if one was asked for: what comes in the slot's stead is there, too */
export function presentSlot(context: ToolContext, slot: FreeSlot, visit: VisitType, askedFor?: string) {
  const { tenant, directory, lines } = context;
  const { practitionerId, from } = slot;
  const practitioner = directory.practitioners.find(({ id }) => id === practitionerId);
  const location = directory.locations.find(({ id }) => id === slot.locationId);
  return {
    slot_id: toSlotId({ practitionerId, typeId: visit.id, from, locationId: askedFor }),
    start: zonedIso(slot.from, tenant.timeZone),
    end: zonedIso(slot.to, tenant.timeZone),
    time_zone: tenant.timeZone,
    practitioner: { id: practitionerId, name: practitioner?.name ?? '' },
    location: slot.locationId === null ? null : { id: slot.locationId, name: location?.name ?? '' },
    appointment_type: visit.id === null ? null : { id: visit.id, name: visit.name },
    spoken: lines.slot(saidSlot(context, slot)),
  };
}

interface TimeAt {
  practitionerId: string | null;
  locationId: string | null;
  /** Unix ms. */
  from: number;
}

/** A slot as a voice says it. */
export function saidSlot(
  { tenant, directory, now }: ToolContext,
  { from, practitionerId, locationId }: TimeAt,
): SpokenSlot {
  const { practitioners, locations } = directory;
  const location = locations.length > 1 && locations.find(({ id }) => id === locationId);
  return {
    at: momentAt(from, tenant.timeZone, now),
    practitioner: practitioners.find(({ id }) => id === practitionerId)?.name ?? '',
    location: location ? location.name : null,
  };
}

/** What stands in the way of a change. */
export function refuse(
  code: string,
  spoken: string,
  retryable: boolean,
  alternatives: unknown[] = [],
): ToolResult {
  return { ok: false, code, spoken, more: { retryable, alternatives } };
}
