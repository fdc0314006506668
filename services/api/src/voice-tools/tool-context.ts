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

/** A slot as an answer has it. */
export function presentSlot(context: ToolContext, slot: FreeSlot, visit: VisitType) {
  const { tenant, directory, lines, now } = context;
  const practitioner = directory.practitioners.find(({ id }) => id === slot.practitionerId);
  const location = directory.locations.find(({ id }) => id === slot.locationId);
  const name = practitioner?.name ?? '';
  return {
    slot_id: toSlotId({ practitionerId: slot.practitionerId, typeId: visit.id, from: slot.from }),
    start: zonedIso(slot.from, tenant.timeZone),
    end: zonedIso(slot.to, tenant.timeZone),
    time_zone: tenant.timeZone,
    practitioner: { id: slot.practitionerId, name },
    location: { id: slot.locationId, name: location?.name ?? '' },
    spoken: lines.slot(momentAt(slot.from, tenant.timeZone, now), name),
  };
}

/** A slot as a voice says it among others. */
export function saidSlot({ tenant, directory, now }: ToolContext, slot: FreeSlot): SpokenSlot {
  const practitioner = directory.practitioners.find(({ id }) => id === slot.practitionerId)?.name ?? '';
  return { at: momentAt(slot.from, tenant.timeZone, now), practitioner };
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
