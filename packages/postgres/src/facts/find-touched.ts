import { type Client, together } from '../pool.ts';
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
  const written = new Set(found.conversations);
  for (const id of await findMessageNeighbours(client, tenantId, found)) written.add(id);
  const ofCalls = await findOfCalls(client, tenantId, touched, found);
  await refreshBeginnings(client, tenantId, [...written, ...ofCalls.moved]);
  // A call's conversation has no messages whose facts would name its patient.
  const withMessages = [...written].filter((id) => !ofCalls.all.has(id));
  await findMessagesOfMoved(client, context, withMessages, found);
  const conversations = [...found.conversations];
  await together(
    findAppointmentNeighbours(client, tenantId, found),
    findConversationNeighbours(client, tenantId, conversations, found),
  );
  return found;
}

/** Adds calls of the same caller, and the conversations that the calls are. @returns those, and which begin elsewhere */
async function findOfCalls(
  client: Client,
  tenantId: string,
  { callsBefore = [], callsInPlace = [] }: Touched,
  found: ToState,
): Promise<{ all: ReadonlySet<string>; moved: readonly string[] }> {
  if (found.calls.size === 0) return { all: new Set(), moved: [] };
  const { rows } = await client.query<CallRow>(
    `SELECT v.id AS "callId", v.conversation_id, v.contact_phone AS phone, v.began_at AS "beganAt", v.direction, v.intent,
       k.began_at IS DISTINCT FROM v.began_at AS moved
     FROM voice_calls v LEFT JOIN conversations k ON k.tenant_id = $1 AND k.id = v.conversation_id
     WHERE v.tenant_id = $1 AND v.id = ANY ($2::uuid[])`,
    [tenantId, [...found.calls]],
  );
  const inPlace = new Set(callsInPlace);
  const positions = [...rows.filter(({ callId }) => !inPlace.has(callId)), ...callsBefore].flatMap((place) =>
    place.phone === null ? [] : [{ ...place, phone: place.phone }],
  );
  for (const id of await findNeighbours(client, tenantId, positions)) found.calls.add(id);
  const all = new Set(rows.flatMap((row) => row.conversation_id ?? []));
  for (const id of all) found.conversations.add(id);
  return { all, moved: rows.flatMap((row) => (row.moved && row.conversation_id ? row.conversation_id : [])) };
}

interface CallRow extends Omit<CallPosition, 'phone'> {
  phone: string | null;
  conversation_id: string | null;
  /** The conversation does not begin with the call. */
  moved: boolean;
}
