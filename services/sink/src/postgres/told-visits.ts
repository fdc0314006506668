import { dayNumber } from '@switchboard/domain/periods/local-date';
import { instantOfWall } from '@switchboard/domain/periods/zone';
import { type AskedVisit, readAskedVisit, type SaidEntity } from '@switchboard/domain/scheduling/asked-visit';
import type { Client } from '@switchboard/postgres';
import {
  type AskedRequest,
  findToldChange,
  keepRequests,
  linkToldVisit,
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
}

/**
 * The appointment by which the clinic's system told that what a call asks for is done: the one that was booked, which is
 * the call's from now on, or the one that was moved or cancelled since the call began.
 * @returns its id
 */
export async function findTold(
  client: Client,
  { tenantId, timeZone }: TenantSettings,
  { kind, callId, conversationId, patientId, beganAt, visit }: AskedOfCall,
): Promise<string | undefined> {
  if (patientId === null) return undefined;
  if (kind !== 'book') return findToldChange(client, tenantId, { kind, patientId, beganAt });
  const asked = visit && {
    from: new Date(startOf(visit, timeZone)),
    practitionerIds: visit.practitionerIds,
  };
  return linkToldVisit(client, tenantId, { id: callId, conversationId, patientId, asked });
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
    const appointmentId = await findTold(client, tenant, asked);
    if (appointmentId === undefined) continue;
    done.push({ ...request, appointmentId, reason: null });
    touched.appointments.push(appointmentId);
    touched.calls.push(request.callId);
  }
  await keepRequests(client, tenant.tenantId, done);
  return touched;
}

/** What was kept of a request, as it was said. */
export function entitiesOf(wanted: Readonly<Record<string, string>>): SaidEntity[] {
  return Object.entries(wanted).map(([name, normalised]) => ({ name, normalised, confidence: 1 }));
}

/** Unix ms. */
export function startOf({ date, minute }: AskedVisit, zone: string): number {
  return instantOfWall(dayNumber(date) * 86_400_000 + minute * 60_000, zone);
}
