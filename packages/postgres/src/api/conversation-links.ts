import type { Queryable } from '../pool.ts';

export interface LinkedCall {
  id: string;
  direction: string;
  status: string | null;
  outcome: string | null;
  began_at: Date;
}

export interface LinkedAppointment {
  id: string;
  status: string;
  starts_at: Date;
  practitioner: string | null;
}

export interface ConversationLinks {
  calls: LinkedCall[];
  appointments: LinkedAppointment[];
}

const most = 20;

/** The call that a conversation is, and what was booked in either, newest first. */
export async function readConversationLinks(
  db: Queryable,
  tenantId: string,
  conversationId: string,
): Promise<ConversationLinks> {
  const calls = await db.query<LinkedCall>(
    `SELECT id, direction, status, outcome, began_at FROM voice_calls
     WHERE tenant_id = $1 AND conversation_id = $2 ORDER BY began_at DESC, id LIMIT $3`,
    [tenantId, conversationId, most],
  );
  const appointments = await db.query<LinkedAppointment>(
    `SELECT a.id, a.status, a.starts_at, d.display_name AS practitioner
     FROM (SELECT id FROM appointments WHERE tenant_id = $1 AND conversation_id = $2
       UNION SELECT id FROM appointments WHERE tenant_id = $1 AND call_id = ANY ($3::uuid[])) n
     JOIN appointments a ON a.tenant_id = $1 AND a.id = n.id
     LEFT JOIN practitioners d ON d.tenant_id = $1 AND d.id = a.practitioner_id
     WHERE a.status <> 'held' AND NOT a.placeholder AND NOT a.entered_in_error
     ORDER BY a.starts_at DESC, a.id LIMIT $4`,
    [tenantId, conversationId, calls.rows.map(({ id }) => id), most],
  );
  return { calls: calls.rows, appointments: appointments.rows };
}
