import type { Queryable } from '../pool.ts';
import { catchUp, type VendorMessage } from './told-messages.ts';

/**
 * Gives a message that we sent the vendor's id, and with it all that was told of that id before. Of a send that was shown as
 * unknown it is known now that the vendor has it.
 * @returns ids of answers and reactions that were linked to it
 */
export async function nameMessage(
  client: Queryable,
  tenantId: string,
  messageId: string,
  vendor: VendorMessage,
): Promise<string[]> {
  await client.query(
    `WITH known AS (
       UPDATE message_sends SET state = 'sent', error_code = NULL WHERE tenant_id = $1 AND message_id = $2 AND state = 'unknown')
     UPDATE conversation_messages SET source = $3, external_id = $4 WHERE tenant_id = $1 AND id = $2`,
    [tenantId, messageId, vendor.source, vendor.externalId],
  );
  return catchUp(client, tenantId, vendor);
}
