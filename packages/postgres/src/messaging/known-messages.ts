import type { Queryable } from '../pool.ts';

/** What is known of a message of Twilio's. */
export interface KnownMessage {
  id: string;
  status: string | null;
  /** It was sent from here. */
  isOurs: boolean;
}

/** Messages of the open transaction's tenant by their ids at Twilio. */
export async function messagesBySid(
  client: Queryable,
  tenantId: string,
  sids: readonly string[],
): Promise<Map<string, KnownMessage>> {
  if (sids.length === 0) return new Map();
  const { rows } = await client.query<KnownMessage & { sid: string }>(
    `SELECT m.external_id AS sid, m.id, m.status,
       EXISTS (SELECT FROM message_sends s WHERE s.tenant_id = $1 AND s.message_id = m.id) AS "isOurs"
     FROM conversation_messages m
     WHERE m.tenant_id = $1 AND m.source = 'twilio' AND m.external_id = ANY ($2::text[])`,
    [tenantId, sids],
  );
  return new Map(rows.map(({ sid, ...message }) => [sid, message]));
}
