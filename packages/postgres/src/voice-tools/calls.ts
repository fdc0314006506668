import type { Queryable } from '../pool.ts';

/** Sources whose calls the voice agent's tools are used in. */
export const toolSources = ['zoice', 'vapi', 'retell'];

/** A call while it goes on, as its events have told so far. */
export interface LiveCall {
  id: string;
  conversationId: string | null;
  /** The other party's, E.164. */
  phone: string | null;
}

/** The call that a vendor's id names, once its first event was stored. */
export async function findLiveCall(
  client: Queryable,
  tenantId: string,
  callRef: string,
): Promise<LiveCall | undefined> {
  const { rows } = await client.query<LiveCall>(
    `SELECT id, conversation_id AS "conversationId", contact_phone AS phone FROM voice_calls
     WHERE tenant_id = $1 AND source = ANY ($2::text[]) AND external_id = $3 ORDER BY began_at DESC LIMIT 1`,
    [tenantId, toolSources, callRef],
  );
  return rows[0];
}
