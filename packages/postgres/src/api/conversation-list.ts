import { lastHeardOf } from '../messaging/contact-conversations.ts';
import type { Queryable } from '../pool.ts';

export const conversationStates = ['open', 'pending', 'snoozed', 'resolved'] as const;

export interface ConversationFilter {
  channel?: readonly string[];
  /** As it is now: a snooze that is over is open. */
  state?: readonly string[];
  /** Users; null: nobody. */
  assignee?: readonly (string | null)[];
  unread?: boolean;
  /** With any of these. */
  label?: readonly string[];
  patientId?: string;
  /** One of these, or, where the contact may be looked for, whose name or number fits. */
  found?: { ids: readonly string[]; contact?: string };
}

export interface ConversationListOptions {
  filter: ConversationFilter;
  limit: number;
  /** What was shown last. */
  after?: { at: string; id: string };
}

export interface ConversationRow {
  id: string;
  channel: string;
  /** As it is now. */
  state: string;
  contact_name: string | null;
  contact_phone: string | null;
  patient_id: string | null;
  patient_first_name: string | null;
  patient_last_name: string | null;
  assignee_id: string | null;
  assignee_name: string | null;
  labels: string[];
  unread: number;
  snoozed_until: Date | null;
  last_inbound_at: Date | null;
  opted_out_at: Date | null;
  resolved_at: Date | null;
  reopened: number;
  intent: string | null;
  sentiment: string | null;
  language: string | null;
  version: number;
  began_at: Date;
  activity_at: Date;
  /** The same to the microsecond, as the next page's place. */
  place: string;
  /** Of a voice conversation. */
  call: { id: string; direction: string; status: string | null; outcome: string | null } | null;
  /** The last that was written; a reaction is none. */
  last_message: LastMessage | null;
}

/** One that is opened. */
export interface OpenedConversation extends ConversationRow {
  /** When the contact last wrote, in whichever of its conversations; WhatsApp's alone. */
  heard_at: Date | null;
}

export interface LastMessage {
  id: string;
  direction: string;
  kind: string;
  body: string | null;
  template: string | null;
  status: string | null;
  /** RFC 3339. */
  sent_at: string;
  /** Null: not analysed yet. */
  redactions: { start: number; end: number; kind: string }[] | null;
}

/** Conversations of the open transaction's tenant, latest activity first. */
export async function listConversations(
  db: Queryable,
  tenantId: string,
  { filter, limit, after }: ConversationListOptions,
): Promise<ConversationRow[]> {
  const values: unknown[] = [tenantId];
  const add = (value: unknown) => `$${values.push(value)}`;
  const where = conditions(filter, add);
  if (after) where.push(`(${activityAt}, k.id) < (${add(after.at)}::timestamptz, ${add(after.id)}::uuid)`);
  const { rows } = await db.query<ConversationRow>(
    `SELECT ${columns} FROM (
       SELECT k.* FROM conversations k WHERE ${where.join(' AND ')}
       ORDER BY ${activityAt} DESC, k.id DESC LIMIT ${add(limit)}) k ${joins}
     ORDER BY ${activityAt} DESC, k.id DESC`,
    values,
  );
  return rows;
}

/** One of them; undefined for another tenant's or none. */
export async function readConversation(
  db: Queryable,
  tenantId: string,
  id: string,
): Promise<OpenedConversation | undefined> {
  const { rows } = await db.query<OpenedConversation>(
    `SELECT ${columns}, CASE WHEN k.channel = 'whatsapp' THEN ${lastHeardOf('k')} END AS heard_at
     FROM conversations k ${joins} WHERE k.tenant_id = $1 AND k.id = $2`,
    [tenantId, id],
  );
  return rows[0];
}

/** What an inbox's tabs show: conversations that are not resolved, and of them the unread. */
export interface InboxCounts {
  open: number;
  pending: number;
  snoozed: number;
  unread: number;
  mine: number;
  mine_unread: number;
  unassigned: number;
  unassigned_unread: number;
}

/** @param filter of it those that are no tabs: channel, label, patient */
export async function countInbox(
  db: Queryable,
  tenantId: string,
  { channel, label, patientId }: ConversationFilter,
  userId: string | null,
): Promise<InboxCounts> {
  const values: unknown[] = [tenantId, userId];
  const add = (value: unknown) => `$${values.push(value)}`;
  const where = conditions({ channel, label, patientId }, add);
  const count = (condition: string) => `count(*) FILTER (WHERE ${condition})::int`;
  const { rows } = await db.query<InboxCounts>(
    `SELECT ${count(`${stateNow} = 'open'`)} AS open, ${count(`${stateNow} = 'pending'`)} AS pending,
       ${count(`${stateNow} = 'snoozed'`)} AS snoozed, ${count('k.unread > 0')} AS unread,
       ${count('k.assignee_id = $2')} AS mine, ${count('k.assignee_id = $2 AND k.unread > 0')} AS mine_unread,
       ${count('k.assignee_id IS NULL')} AS unassigned,
       ${count('k.assignee_id IS NULL AND k.unread > 0')} AS unassigned_unread
     FROM conversations k WHERE ${where.join(' AND ')} AND k.state IN ('open', 'pending', 'snoozed')`,
    values,
  );
  const [row] = rows;
  if (!row) throw new Error('an aggregate has one row');
  return row;
}

/** Letter by letter that of the index. */
const activityAt = 'coalesce(k.last_message_at, k.began_at, k.created_at)';
/** No clock writes that a snooze is over. */
const stateNow = `CASE WHEN k.state = 'snoozed' AND k.snoozed_until <= now() THEN 'open' ELSE k.state END`;

const columns = `k.id, k.channel, ${stateNow} AS state, coalesce(k.contact_name, v.contact_name) AS contact_name,
  k.contact_phone, k.patient_id, p.first_name AS patient_first_name, p.last_name AS patient_last_name, k.assignee_id,
  u.display_name AS assignee_name, k.labels, k.unread,
  CASE WHEN ${stateNow} = 'snoozed' THEN k.snoozed_until END AS snoozed_until, k.last_inbound_at, k.opted_out_at,
  k.resolved_at, k.reopened, CASE WHEN v.id IS NULL THEN k.intent ELSE v.intent END AS intent,
  CASE WHEN v.id IS NULL THEN k.sentiment ELSE v.sentiment END AS sentiment,
  CASE WHEN v.id IS NULL THEN k.language ELSE v.language END AS language, k.version,
  coalesce(k.began_at, k.created_at) AS began_at, ${activityAt} AS activity_at, ${activityAt}::text AS place,
  CASE WHEN v.id IS NOT NULL THEN jsonb_build_object('id', v.id, 'direction', v.direction, 'status', v.status,
    'outcome', v.outcome) END AS call, l.last_message`;

const joins = `
  LEFT JOIN patients p ON p.tenant_id = k.tenant_id AND p.id = k.patient_id
  LEFT JOIN users u ON u.tenant_id = k.tenant_id AND u.id = k.assignee_id
  LEFT JOIN LATERAL (
    SELECT v.id, v.direction, v.status, v.outcome, v.contact_name, v.intent, v.sentiment, v.language FROM voice_calls v
    WHERE v.tenant_id = k.tenant_id AND v.conversation_id = k.id ORDER BY v.began_at, v.id LIMIT 1) v ON k.channel = 'voice'
  LEFT JOIN LATERAL (
    SELECT jsonb_build_object('id', m.id, 'direction', m.direction, 'kind', m.kind, 'body', m.body,
      'template', m.template, 'status', m.status, 'sent_at', m.sent_at,
      'redactions', CASE WHEN m.extractor_version IS NOT NULL THEN m.redactions END) AS last_message
    FROM conversation_messages m
    WHERE m.tenant_id = k.tenant_id AND m.conversation_id = k.id AND m.kind <> 'reaction' AND NOT m.entered_in_error
    ORDER BY m.sent_at DESC, m.id DESC LIMIT 1) l ON k.channel <> 'voice'`;

function conditions(filter: ConversationFilter, add: (value: unknown) => string): string[] {
  const where = ['k.tenant_id = $1'];
  const { channel, state, assignee, unread, label, patientId, found } = filter;
  if (channel) where.push(`k.channel = ANY (${add(channel)}::text[])`);
  if (state) where.push(stateCondition(add(state)));
  if (assignee) {
    const users = `k.assignee_id = ANY (${add(assignee.filter((id) => id !== null))}::uuid[])`;
    where.push(assignee.includes(null) ? `(k.assignee_id IS NULL OR ${users})` : users);
  }
  if (unread !== undefined) where.push(unread ? 'k.unread > 0' : 'k.unread = 0');
  if (label) where.push(`k.labels && ${add(label)}::text[]`);
  if (patientId !== undefined) where.push(`k.patient_id = ${add(patientId)}::uuid`);
  if (found) where.push(foundCondition(found, add));
  return where;
}

function stateCondition(states: string): string {
  return `(k.state = ANY (${states}::text[]) OR k.state = 'snoozed') AND ${stateNow} = ANY (${states}::text[])`;
}

function foundCondition(
  { ids, contact }: NonNullable<ConversationFilter['found']>,
  add: (value: unknown) => string,
): string {
  const inTexts = `k.id = ANY (${add(ids)}::uuid[])`;
  if (contact === undefined) return inTexts;
  const digits = contact.replace(/\D/g, '');
  const pattern = add(`%${contact.replace(/[\\%_]/g, '\\$&')}%`);
  return `(${[
    inTexts,
    `k.contact_name ILIKE ${pattern}`,
    `k.patient_id IN (SELECT n.id FROM patients n
       WHERE n.tenant_id = $1 AND concat_ws(' ', n.first_name, n.last_name) ILIKE ${pattern})`,
    ...(digits.length >= 4 && /^[\d\s()+.-]+$/.test(contact)
      ? [`k.contact_phone LIKE ${add(`%${digits}%`)}`]
      : []),
  ].join(' OR ')})`;
}
