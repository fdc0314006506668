import type { Client } from '../pool.ts';
import { type CallPosition, findNeighbours } from '../voice/fact-records.ts';
import { findMessageNeighbours, findMessagesOfMoved } from './find-messages.ts';
import { findAppointmentNeighbours, findConversationNeighbours } from './find-neighbours.ts';
import { findOfPatients, findOfPractitioners, findOfTypes } from './find-owned.ts';
import { refreshBeginnings } from './refresh-beginnings.ts';
import type { StateContext, ToState, Touched } from './touched.ts';

/**
 * All records whose facts may have changed: those named, those of patients whose link or right to be counted differs from
 * what is stated, and the neighbours of each, where it stands now and where it was last stated to stand.
 */
export async function findTouched(client: Client, context: StateContext, touched: Touched): Promise<ToState> {
  const { tenantId } = context.tenant;
  const found: ToState = {
    calls: new Set(touched.calls),
    conversations: new Set(touched.conversations),
    messages: new Set(touched.messages),
    appointments: new Set(touched.appointments),
    journeys: new Set(touched.journeys),
  };
  await findOfPatients(client, tenantId, [...(touched.patients ?? [])], found);
  await findOfPractitioners(client, tenantId, [...(touched.practitioners ?? [])], found);
  await findOfTypes(client, tenantId, [...(touched.appointmentTypes ?? [])], found);
  const written = [...found.conversations];
  const ofCalls = await findOfCalls(client, tenantId, touched, found);
  written.push(...(await findMessageNeighbours(client, tenantId, found)));
  await refreshBeginnings(client, tenantId, [...found.conversations]);
  // A call's conversation has no messages whose facts would name its patient.
  await findMessagesOfMoved(
    client,
    context,
    written.filter((id) => !ofCalls.has(id)),
    found,
  );
  const conversations = [...found.conversations];
  await findAppointmentNeighbours(client, tenantId, found);
  await findConversationNeighbours(client, tenantId, conversations, found);
  return found;
}

/** Calls of the same caller, and the conversations that the calls are. @returns those conversations */
async function findOfCalls(
  client: Client,
  tenantId: string,
  { callsBefore = [] }: Touched,
  found: ToState,
): Promise<ReadonlySet<string>> {
  if (found.calls.size === 0) return new Set();
  const { rows } = await client.query<CallRow>(
    `SELECT id AS "callId", conversation_id, contact_phone AS phone, began_at AS "beganAt", direction, intent
     FROM voice_calls WHERE tenant_id = $1 AND id = ANY ($2::uuid[])`,
    [tenantId, [...found.calls]],
  );
  const positions = [...rows, ...callsBefore].flatMap((place) =>
    place.phone === null ? [] : [{ ...place, phone: place.phone }],
  );
  for (const id of await findNeighbours(client, tenantId, positions)) found.calls.add(id);
  const conversations = new Set(rows.flatMap((row) => row.conversation_id ?? []));
  for (const id of conversations) found.conversations.add(id);
  return conversations;
}

type CallRow = Omit<CallPosition, 'phone'> & { phone: string | null; conversation_id: string | null };
