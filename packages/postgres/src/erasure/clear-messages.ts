import { saysStop } from '../facts/counted.ts';
import { endFiles } from '../media/old-files.ts';
import type { Client, Queryable } from '../pool.ts';
import { clearStates } from './clear-states.ts';
import type { StandIn } from './stand-ins.ts';

/**
 * Empties what messages say, what was found in them, what was proposed as an answer, and their files. What is counted of
 * them stays: that somebody opted out is kept as a word of its own.
 */
export async function clearMessageTexts(
  client: Client,
  tenantId: string,
  ids: readonly string[],
): Promise<void> {
  const key = [tenantId, ids];
  await client.query(
    `UPDATE conversation_messages m SET body = NULL, entities = '[]', redactions = '[]', extra = e.kept, emptied_at = now()
     FROM conversation_messages o, LATERAL (SELECT nullif(jsonb_strip_nulls(jsonb_build_object('edit', o.extra -> 'edit',
       'opt', coalesce(o.extra ->> 'opt', CASE WHEN o.direction = 'inbound' AND ${saysStop('o')} THEN 'out' END))), '{}') AS kept) e
     WHERE o.tenant_id = $1 AND o.id = ANY ($2::uuid[]) AND m.tenant_id = $1 AND m.id = o.id
       AND (o.emptied_at IS NULL OR o.body IS NOT NULL OR o.entities <> '[]' OR o.redactions <> '[]' OR o.extra IS DISTINCT FROM e.kept)`,
    key,
  );
  await client.query(
    `UPDATE message_sends SET template_variables = '{}'
     WHERE tenant_id = $1 AND message_id = ANY ($2::uuid[]) AND template_variables <> '{}'`,
    key,
  );
  await client.query(
    `UPDATE reply_suggestions SET body = '' WHERE tenant_id = $1 AND message_id = ANY ($2::uuid[]) AND body <> ''`,
    key,
  );
  await client.query(
    `DELETE FROM told_messages t USING conversation_messages m
     WHERE m.tenant_id = $1 AND m.id = ANY ($2::uuid[]) AND t.tenant_id = $1 AND t.source = m.source AND t.external_id = m.external_id`,
    key,
  );
  await endFiles(client, tenantId, 'media', ids);
  await clearStates(client, tenantId, ids);
}

/**
 * Empties who wrote: names, notes, and the numbers that have a stand-in, which takes their place. The caller states the
 * conversations anew.
 * @returns those in which there was something
 */
export async function clearContacts(
  client: Queryable,
  tenantId: string,
  ids: readonly string[],
  standIns: readonly StandIn[],
): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `UPDATE conversations v SET contact_name = NULL, contact_phone = coalesce(n.stand_in, v.contact_phone),
       -- The clinic system's own id of a conversation may be a number.
       source = NULL, external_id = NULL
     FROM conversations c LEFT JOIN unnest($3::text[], $4::text[]) AS n (phone, stand_in) ON n.phone = c.contact_phone
     WHERE c.tenant_id = $1 AND c.id = ANY ($2::uuid[]) AND v.tenant_id = $1 AND v.id = c.id
       AND (n.phone IS NOT NULL OR v.contact_name IS NOT NULL OR v.external_id IS NOT NULL)
     RETURNING v.id`,
    [tenantId, ids, standIns.map(({ phone }) => phone), standIns.map(({ standIn }) => standIn)],
  );
  await client.query(
    'DELETE FROM conversation_notes WHERE tenant_id = $1 AND conversation_id = ANY ($2::uuid[])',
    [tenantId, ids],
  );
  return rows.map(({ id }) => id);
}
