import { type AppointmentState, fhirStatus } from '@switchboard/domain/records/appointment-states';
import type { AppointmentListRow } from '@switchboard/postgres/api/appointment-list';
import type { FreeSlot } from '@switchboard/postgres/scheduling/find-slots';
import type { DirectoryPractitioner } from '@switchboard/postgres/voice-tools/directory';
import type { Appointment, Bundle, FhirResource, Schedule, Slot } from 'fhir/r4.js';
import { z } from 'zod';
import { toSlotId } from '../voice-tools/slot-id.ts';

const statuses = z.enum(['pending', 'booked', 'arrived', 'fulfilled', 'cancelled', 'noshow']);

/** A practitioner's schedule; its id is the practitioner's. */
export function toSchedule({ id, name, specialty }: DirectoryPractitioner): Schedule {
  return {
    resourceType: 'Schedule',
    id,
    active: true,
    actor: [{ reference: `Practitioner/${id}`, display: name }],
    ...(specialty !== null && { specialty: [{ text: specialty }] }),
  };
}

/** A free time. */
export function toSlot(slot: FreeSlot, typeId: string | null): Slot {
  return {
    resourceType: 'Slot',
    id: toFhirId(toSlotId({ practitionerId: slot.practitionerId, typeId, from: slot.from })),
    schedule: { reference: `Schedule/${slot.practitionerId}` },
    status: 'free',
    start: new Date(slot.from).toISOString(),
    end: new Date(slot.to).toISOString(),
  };
}

/** An appointment, with ids alone of whom it is for. */
export function toAppointment(row: AppointmentListRow, state: AppointmentState): Appointment {
  const status = row.entered_in_error ? 'entered-in-error' : statuses.parse(fhirStatus[state]);
  const actors = [
    ['Patient', row.patient_id],
    ['Practitioner', row.practitioner_id],
    ['Location', row.location_id],
  ] as const;
  const participant = actors.flatMap(([kind, id]) =>
    id === null ? [] : [{ actor: { reference: `${kind}/${id}` }, status: 'accepted' as const }],
  );
  return {
    resourceType: 'Appointment',
    id: row.id,
    meta: { versionId: String(row.version), lastUpdated: row.updated_at.toISOString() },
    status,
    start: row.starts_at.toISOString(),
    end: row.ends_at.toISOString(),
    created: (row.booked_at ?? row.created_at).toISOString(),
    ...(row.appointment_type_name !== null && { appointmentType: { text: row.appointment_type_name } }),
    ...(status === 'cancelled' &&
      row.cancelled_by !== null && {
        cancelationReason: {
          coding: [
            {
              system: 'http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason',
              code: row.cancelled_by === 'patient' ? 'pat' : 'prov',
            },
          ],
        },
      }),
    // One of nobody that is known yet still has somebody who takes part.
    participant:
      participant.length > 0 ? participant : [{ type: [{ text: 'patient' }], status: 'needs-action' }],
  };
}

/** FHIR's ids know no underscore. */
export function toFhirId(slotId: string): string {
  return slotId.replaceAll('_', '.');
}

export function ofFhirId(id: string): string {
  return id.replaceAll('.', '_');
}

export interface PageLinks {
  /** Where resources are, without a slash at the end. */
  base: string;
  self: string;
  /** Undefined: it is the last page. */
  next: string | undefined;
}

/** A page of what a search found. How many there are in all is told where the page holds them. */
export function toBundle(
  resources: readonly FhirResource[],
  { base, self, next }: PageLinks,
  isFirst: boolean,
): Bundle {
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    ...(isFirst && next === undefined && { total: resources.length }),
    link: [{ relation: 'self', url: self }, ...(next === undefined ? [] : [{ relation: 'next', url: next }])],
    // An empty array is no JSON of FHIR's.
    ...(resources.length > 0 && {
      entry: resources.map((resource) => ({
        fullUrl: `${base}/${resource.resourceType}/${resource.id}`,
        resource,
        search: { mode: 'match' as const },
      })),
    }),
  };
}
