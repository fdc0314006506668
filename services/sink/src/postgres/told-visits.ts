import { dayNumber } from '@switchboard/domain/periods/local-date';
import { instantOfWall } from '@switchboard/domain/periods/zone';
import type { KnownColleague } from '@switchboard/domain/scheduling/as-heard';
import {
  type AskedVisit,
  isOtherVisit,
  readAskedVisit,
  type SaidEntity,
} from '@switchboard/domain/scheduling/asked-visit';
import type { Client } from '@switchboard/postgres';
import {
  type AskedRequest,
  type ChangedVisit,
  keepRequests,
  linkToldVisit,
  loadToldChanges,
  loadWaiting,
} from '@switchboard/postgres/scheduling/asked-calls';
import type { TenantSettings } from '@switchboard/postgres/tenants';
import { loadDirectory } from '@switchboard/postgres/voice-tools/directory';

/** What a call asks for. */
interface AskedOfCall {
  kind: 'book' | 'reschedule' | 'cancel';
  callId: string;
  conversationId: string;
  patientId: string | null;
  beganAt: Date;
  /** What is to be booked, where that is certain. */
  visit: AskedVisit | undefined;
  /** What is kept of its words. */
  wanted: Readonly<Record<string, string>>;
  /** What is to be moved or cancelled, where that was certain when it was asked for. */
  appointmentId: string | null;
}

/**
 * The appointment by which the clinic's system told that what a call asks for is done: the one that was booked, which is
 * the call's from now on, or the one that was moved or cancelled since the call began, if the caller may have meant it.
 * @returns its id
 */
export async function findTold(
  client: Client,
  { tenantId, timeZone }: TenantSettings,
  colleagues: readonly KnownColleague[],
  asked: AskedOfCall,
): Promise<string | undefined> {
  const { kind, callId, conversationId, patientId, beganAt, visit, wanted, appointmentId } = asked;
  if (patientId === null) return undefined;
  if (kind !== 'book') {
    const changed = await loadToldChanges(client, tenantId, { kind, patientId, beganAt, appointmentId });
    const isMeant = ({ practitionerId, startsAt }: ChangedVisit) =>
      !isOtherVisit(kind, entitiesOf(wanted), { practitionerId, startsAt: +startsAt }, colleagues, timeZone);
    // One that was certain was held against the words before it was changed.
    return changed.find((one) => appointmentId !== null || isMeant(one))?.id;
  }
  const at = visit && {
    from: new Date(startOf(visit, timeZone)),
    practitionerIds: visit.practitionerIds,
  };
  return linkToldVisit(client, tenantId, { id: callId, conversationId, patientId, asked: at });
}

/**
 * Closes what calls asked for and waits for a person, where the clinic's system tells now that it is done: its own people
 * did it there. Whether the call or what came of it is told first makes no difference.
 * @returns what is to be stated anew
 */
export async function settleTold(
  client: Client,
  tenant: TenantSettings,
  told: { appointments: readonly string[]; patients: readonly string[] },
): Promise<{ appointments: string[]; calls: string[] }> {
  const touched: { appointments: string[]; calls: string[] } = { appointments: [], calls: [] };
  if (told.appointments.length === 0 && told.patients.length === 0) return touched;
  const waiting = await loadWaiting(client, tenant.tenantId, told.appointments, told.patients);
  if (waiting.length === 0) return touched;
  const { practitioners } = await loadDirectory(client, tenant.tenantId);
  const done: AskedRequest[] = [];
  for (const request of waiting) {
    const visit = readAskedVisit(entitiesOf(request.wanted), practitioners);
    const asked = { ...request, visit: typeof visit === 'string' ? undefined : visit };
    const appointmentId = await findTold(client, tenant, practitioners, asked);
    if (appointmentId === undefined) continue;
    done.push({ ...request, appointmentId, reason: null });
    touched.appointments.push(appointmentId);
    touched.calls.push(request.callId);
  }
  await keepRequests(client, tenant.tenantId, done);
  return touched;
}

/** What is kept of a call's words: the last that was said of each. */
export function wantedBy(entities: readonly SaidEntity[]): Record<string, string> {
  const said = entities.filter(({ name }) => ['date', 'time', 'practitioner', 'specialty'].includes(name));
  return Object.fromEntries(
    said.flatMap(({ name, normalised }) => (normalised === null ? [] : [[name, normalised]])),
  );
}

/** What was kept of a request, as it was said. */
export function entitiesOf(wanted: Readonly<Record<string, string>>): SaidEntity[] {
  return Object.entries(wanted).map(([name, normalised]) => ({ name, normalised, confidence: 1 }));
}

/** Unix ms. */
export function startOf({ date, minute }: AskedVisit, zone: string): number {
  return instantOfWall(dayNumber(date) * 86_400_000 + minute * 60_000, zone);
}
