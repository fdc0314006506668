import { startFault } from '@switchboard/domain/scheduling/slots';
import { RequestProblem } from '@switchboard/platform/problem';
import { type Client, together } from '@switchboard/postgres';
import { loadFamily } from '@switchboard/postgres/people/patient-family';
import type { BookedFor } from '@switchboard/postgres/scheduling/book';
import type { ChangeContext } from '@switchboard/postgres/scheduling/change-context';
import { checkTime } from '@switchboard/postgres/scheduling/find-slots';
import { loadVisitTypes, type VisitType } from '@switchboard/postgres/scheduling/visit-types';
import { isPractitioner } from '@switchboard/postgres/voice-tools/directory';
import { asProblem } from '../routes/patient-merges.ts';

const faults = {
  SLOT_TAKEN: 'Somebody has this time.',
  OUTSIDE_HOURS: 'The practitioner does not work then.',
  TOO_SOON: 'That is sooner than this kind of visit can be booked.',
  WRONG_STATE: 'The appointment is in another state by now.',
  TOO_EARLY: 'The patient may still come.',
} as const;

/** A kind of visit; the usual one where none is named. */
export async function visitType(
  client: Client,
  { tenant }: ChangeContext,
  id: string | undefined,
): Promise<VisitType> {
  const types = await loadVisitTypes(client, tenant.tenantId);
  const visit = id === undefined ? types[0] : types.find((type) => type.id === id);
  if (!visit) throw unusable('body.appointment_type_id', 'is no kind of visit of the clinic');
  return visit;
}

/** The desk may book until the last minute, and between two slots of the hours. */
export async function slotAt(
  client: Client,
  { tenant, now }: ChangeContext,
  practitionerId: string,
  start: string,
  visit: VisitType,
  except?: string,
) {
  const from = Date.parse(start);
  const fault = startFault(from);
  if (fault !== null) throw unusable('body.start', fault);
  const [isOurs, slot] = await together(
    isPractitioner(client, tenant.tenantId, practitionerId),
    checkTime(client, tenant.tenantId, {
      practitionerId,
      from,
      visit: { ...visit, leadTime: 0 },
      now,
      zone: tenant.timeZone,
      except,
      betweenSlots: true,
    }),
  );
  if (!isOurs) throw unusable('body.practitioner_id', 'is no practitioner of the clinic, or has left');
  return orProblem(slot);
}

/** A patient of the clinic, and who stands for them where they were merged. */
export async function bookedFor(
  client: Client,
  { tenant }: ChangeContext,
  id: string | undefined,
): Promise<BookedFor> {
  if (id === undefined) return { patientId: null };
  const family = await loadFamily(client, tenant.tenantId, [id]);
  try {
    family.require(id);
  } catch (error) {
    throw asProblem(error);
  }
  return { patientId: family.rootOf(id), originalPatientId: id };
}

/** What was done, or why not as a 409. */
export function orProblem<T>(outcome: T | keyof typeof faults): T {
  if (!isFault(outcome)) return outcome;
  throw new RequestProblem(409, outcome.toLowerCase(), faults[outcome]);
}

function isFault(outcome: unknown): outcome is keyof typeof faults {
  return typeof outcome === 'string' && outcome in faults;
}

export function notFound(): RequestProblem {
  return new RequestProblem(404, 'not_found', 'There is no appointment with this id.');
}

export function unusable(location: string, message: string): RequestProblem {
  return new RequestProblem(422, 'invalid_request', 'The request has values that cannot be used.', {
    errors: [{ location, message, fix: 'another value' }],
  });
}
