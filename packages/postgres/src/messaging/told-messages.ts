import { furtherStatus, type ToldStatus } from '@switchboard/domain/messaging/message-status';
import { type Queryable, together } from '../pool.ts';
import type { Row } from '../rows.ts';
import { linkWaiting, settleOptOut } from './contact-conversations.ts';

/** How a message reads after an edit. */
export interface ToldEdit {
  /** The columns of the text, and of what was found in it; with `opt`, `out` or `in`, where it asks for no messages, or again. */
  said: Row;
  /** Unix ms. */
  at: number;
  /** The event that said it: of two edits at one time the greater holds. */
  id: string;
}

/** A vendor's name of a message. */
export interface VendorMessage {
  source: string;
  externalId: string;
}

/** A message that events speak of. */
export interface SpokenOf {
  id: string;
  conversationId: string;
  /** The vendor's id is known. */
  isNamed: boolean;
  status: ToldStatus | null;
  edit: Pick<ToldEdit, 'at' | 'id'> | null;
}

interface SpokenOfRow extends StatusRow {
  id: string;
  conversation_id: string;
  is_named: boolean;
  edited_at: Date | null;
  edit_id: string | null;
}

interface StatusRow {
  status: string | null;
  status_at: Date | null;
  error_code: string | null;
}

const spokenOf = `id, conversation_id, external_id IS NOT NULL AS is_named, status, status_at, error_code, edited_at,
  extra ->> 'edit' AS edit_id`;

/** The one that we sent under our id, where the vendor's is not known yet; else the message with the vendor's. */
export async function findMessage(
  client: Queryable,
  tenantId: string,
  { source, externalId, sendId }: VendorMessage & { sendId: string | null },
): Promise<SpokenOf | undefined> {
  const { rows } = await client.query<SpokenOfRow>(
    `SELECT ${spokenOf} FROM conversation_messages WHERE tenant_id = $1 AND source = $2 AND external_id = $3
     UNION ALL
     SELECT ${spokenOf} FROM conversation_messages
     WHERE tenant_id = $1 AND id = $4::uuid AND direction = 'outbound' AND external_id IS NULL AND NOT entered_in_error
     ORDER BY is_named LIMIT 1`,
    [tenantId, source, externalId, sendId],
  );
  const row = rows[0];
  if (!row) return undefined;
  return {
    id: row.id,
    conversationId: row.conversation_id,
    isNamed: row.is_named,
    status: statusOf(row),
    edit: row.edited_at && { at: row.edited_at.getTime(), id: row.edit_id ?? '' },
  };
}

/** Says of a message how far it got, unless it got further already. @returns whether that changed anything */
export async function setFurther(
  client: Queryable,
  tenantId: string,
  { id, status }: Pick<SpokenOf, 'id' | 'status'>,
  told: ToldStatus,
): Promise<boolean> {
  const { status: word, at, errorCode } = status ? furtherStatus(status, told) : told;
  const { rowCount } = await client.query(
    `UPDATE conversation_messages SET status = $3, status_at = $4, error_code = $5
     WHERE tenant_id = $1 AND id = $2
       AND (status, status_at, error_code) IS DISTINCT FROM ($3::text, $4::timestamptz, $5::text)`,
    [tenantId, id, word, new Date(at), errorCode],
  );
  return (rowCount ?? 0) > 0;
}

/** Says how a message reads, and what was found in that; of one that was emptied only what is counted. */
export async function setSaid(
  client: Queryable,
  tenantId: string,
  messageId: string,
  said: Row,
  edit: Pick<ToldEdit, 'at' | 'id'> | null,
): Promise<void> {
  await client.query(
    `UPDATE conversation_messages m SET body = CASE WHEN m.emptied_at IS NULL THEN s.body END, language = s.language, intent = s.intent,
       intent_confidence = s.intent_confidence, sentiment = s.sentiment, sentiment_score = s.sentiment_score,
       entities = CASE WHEN m.emptied_at IS NULL THEN s.entities ELSE '[]' END,
       redactions = CASE WHEN m.emptied_at IS NULL THEN s.redactions ELSE '[]' END, extractor_version = s.extractor_version,
       edited_at = coalesce($4, m.edited_at),
       extra = CASE WHEN $5::text IS NULL THEN m.extra ELSE coalesce(m.extra, '{}') || jsonb_build_object('edit', $5::text) END
     FROM json_populate_record(NULL::conversation_messages, $3::json) s WHERE m.tenant_id = $1 AND m.id = $2`,
    [tenantId, messageId, JSON.stringify(said), edit && new Date(edit.at), edit?.id ?? null],
  );
}

/** Says how a message reads after an edit, unless a later one said it already. @returns whether it does */
export async function setEdited(
  client: Queryable,
  tenantId: string,
  { id, edit }: Pick<SpokenOf, 'id' | 'edit'>,
  told: ToldEdit,
): Promise<boolean> {
  await noteOpt(client, tenantId, id, told);
  if (edit && isLater(edit, told)) return false;
  await setSaid(client, tenantId, id, told.said, told);
  return true;
}

/** Who asks for no more messages by an edit has asked for it, whatever the text reads like later. */
async function noteOpt(
  client: Queryable,
  tenantId: string,
  messageId: string,
  { said, at }: ToldEdit,
): Promise<void> {
  if (typeof said.opt !== 'string') return;
  const { rows } = await client.query<{ channel: string; phone: string | null }>(
    `UPDATE conversation_messages m
     SET extra = coalesce(m.extra, '{}') || jsonb_build_object('opt', $3::text, 'opt_at', $4::timestamptz)
     FROM conversations c
     WHERE m.tenant_id = $1 AND m.id = $2 AND c.tenant_id = $1 AND c.id = m.conversation_id
       AND (m.extra ->> 'opt' IS NULL OR coalesce((m.extra ->> 'opt_at')::timestamptz, m.sent_at) <= $4::timestamptz)
     RETURNING c.channel, c.contact_phone AS phone`,
    [tenantId, messageId, said.opt, new Date(at)],
  );
  for (const { channel, phone } of rows)
    if (phone !== null) await settleOptOut(client, tenantId, channel, phone);
}

/** Keeps what is told of a vendor's message that is not there yet: what is further on, and the later edit. */
export async function keepTold(
  client: Queryable,
  tenantId: string,
  vendor: VendorMessage,
  told: { status: ToldStatus | null; edit: ToldEdit | null },
): Promise<void> {
  const known = await removeTold(client, tenantId, vendor);
  const status = known.status && told.status ? furtherStatus(known.status, told.status) : null;
  const edit = known.edit && told.edit ? laterOf(known.edit, told.edit) : null;
  const kept = { status: status ?? told.status ?? known.status, edit: edit ?? told.edit ?? known.edit };
  await client.query(
    `INSERT INTO told_messages (tenant_id, source, external_id, status, status_at, error_code, said, edited_at, edit_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      tenantId,
      vendor.source,
      vendor.externalId,
      kept.status?.status ?? null,
      kept.status && new Date(kept.status.at),
      kept.status?.errorCode ?? null,
      kept.edit && JSON.stringify(kept.edit.said),
      kept.edit && new Date(kept.edit.at),
      kept.edit?.id ?? null,
    ],
  );
}

/**
 * Gives a message all that came before it, or before its vendor's id was known: how far it got, how it reads after an edit,
 * and the answers and reactions to it.
 * @returns ids of those
 */
export async function catchUp(client: Queryable, tenantId: string, vendor: VendorMessage): Promise<string[]> {
  const message = await findMessage(client, tenantId, { ...vendor, sendId: null });
  if (!message) return [];
  const [told, linked] = await together(
    removeTold(client, tenantId, vendor),
    linkWaiting(client, tenantId, message.conversationId, { id: message.id, ...vendor }),
  );
  if (told.status) await setFurther(client, tenantId, message, told.status);
  if (told.edit) await setEdited(client, tenantId, message, told.edit);
  return linked;
}

async function removeTold(client: Queryable, tenantId: string, { source, externalId }: VendorMessage) {
  const { rows } = await client.query<
    StatusRow & { said: Row | null; edited_at: Date | null; edit_id: string | null }
  >(
    `DELETE FROM told_messages WHERE tenant_id = $1 AND source = $2 AND external_id = $3
     RETURNING status, status_at, error_code, said, edited_at, edit_id`,
    [tenantId, source, externalId],
  );
  const [row] = rows;
  if (!row) return { status: null, edit: null };
  const { said, edited_at: at, edit_id: id } = row;
  return { status: statusOf(row), edit: said && at && id ? { said, at: at.getTime(), id } : null };
}

function statusOf({ status, status_at: at, error_code: errorCode }: StatusRow): ToldStatus | null {
  return status === null ? null : { status, at: at?.getTime() ?? 0, errorCode };
}

function laterOf(one: ToldEdit, other: ToldEdit): ToldEdit {
  const [later, earlier] = isLater(one, other) ? [one, other] : [other, one];
  return { ...later, said: { ...later.said, opt: later.said.opt ?? earlier.said.opt ?? null } };
}

function isLater(one: Pick<ToldEdit, 'at' | 'id'>, other: Pick<ToldEdit, 'at' | 'id'>): boolean {
  return one.at === other.at ? one.id > other.id : one.at > other.at;
}
