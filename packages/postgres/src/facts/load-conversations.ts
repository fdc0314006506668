import type { ConversationRecord } from '@switchboard/domain/facts/conversation';
import { isIntent } from '@switchboard/domain/intents';
import { conversationChannels } from '../conversation-channels.ts';
import type { Queryable } from '../pool.ts';
import { asksAnswer, beganAt, isAnswer, isCounted, isTest, madeAt } from './counted.ts';
import { readSentiment } from './read-sentiment.ts';

/** A conversation's record for its fact, with the number that its pseudonym is made of; times in business hours follow. */
export interface LoadedConversation {
  id: string;
  phone: string | null;
  record: Omit<
    ConversationRecord,
    'contact' | 'firstResponseBusinessMs' | 'resolutionBusinessMs' | 'firstResponseTargetMs'
  >;
}

/** Reads conversations as their facts state them: from the call that one is, or from its messages. */
export async function loadConversations(
  client: Queryable,
  tenantId: string,
  ids: readonly string[],
): Promise<LoadedConversation[]> {
  const { rows } = await client.query<ConversationRow>(conversationSql, [tenantId, ids]);
  return rows.map((row) => ({
    id: row.id,
    phone: row.contact_phone,
    record: {
      isTest: row.is_test,
      channel: row.channel,
      state: row.state,
      intent: row.intent !== null && isIntent(row.intent) ? row.intent : null,
      sentiment: readSentiment(row.sentiment),
      language: row.language,
      labels: row.labels,
      assigneeId: row.assignee_id,
      patientId: row.patient_id,
      createdAt: row.began_at.getTime(),
      resolvedAt: row.resolved_at?.getTime() ?? null,
      reopened: row.reopened > 0,
      messages: row.messages ?? 0,
      waitingSince: row.waiting_since?.getTime() ?? null,
      firstInboundAt: row.first_inbound_at?.getTime() ?? null,
      firstResponseAt: row.first_response_at?.getTime() ?? null,
      aiOnly: row.ai_only,
      handedOff: row.handed_off,
      booked: row.booked,
      firstEvent: row.first_event,
      firstContact: row.first_contact,
      nextBookingAt: row.next_booking_at?.getTime() ?? null,
      nextVisitAt: row.next_visit_at?.getTime() ?? null,
      otherChannelBefore: row.other_channel_before,
      suggestions: { accepted: row.accepted ?? 0, edited: row.edited ?? 0, rejected: row.rejected ?? 0 },
    },
  }));
}

interface ConversationRow {
  id: string;
  contact_phone: string | null;
  is_test: boolean;
  channel: string;
  state: ConversationRecord['state'];
  intent: string | null;
  sentiment: string | null;
  language: string | null;
  labels: string[];
  assignee_id: string | null;
  patient_id: string | null;
  began_at: Date;
  resolved_at: Date | null;
  reopened: number;
  messages: number | null;
  waiting_since: Date | null;
  first_inbound_at: Date | null;
  first_response_at: Date | null;
  ai_only: boolean;
  handed_off: boolean;
  booked: boolean;
  first_event: boolean;
  first_contact: boolean;
  next_booking_at: Date | null;
  next_visit_at: Date | null;
  other_channel_before: boolean;
  accepted: number | null;
  edited: number | null;
  rejected: number | null;
}

/** Somebody of the clinic was asked in: the call was put through. */
const putThrough = `(v.transferred_to IS NOT NULL OR coalesce(v.outcome = 'transferred', false) OR coalesce(v.end_reason = 'transferred', false))`;
/** When a call was over. */
const callEnd = `CASE WHEN v.ended_at IS NULL THEN v.began_at + make_interval(secs => coalesce(v.duration_seconds, 0)) ELSE v.ended_at END`;
const inMessages = (where: string) =>
  `FROM conversation_messages n WHERE n.tenant_id = $1 AND n.conversation_id = k.id AND ${where}`;

const conversationSql = `
SELECT k.id, k.contact_phone, k.is_test, k.channel, k.state, k.labels, k.assignee_id, k.patient_id, k.began_at,
  CASE WHEN v.id IS NULL THEN k.intent ELSE v.intent END AS intent,
  CASE WHEN v.id IS NULL THEN k.sentiment ELSE v.sentiment END AS sentiment,
  CASE WHEN v.id IS NULL THEN k.language ELSE v.language END AS language,
  -- A call that nobody had to follow up was over with the call.
  CASE WHEN k.resolved_at IS NULL AND v.id IS NOT NULL THEN ${callEnd} ELSE k.resolved_at END AS resolved_at,
  k.reopened, m.messages,
  CASE WHEN k.state = 'resolved' THEN NULL
    WHEN v.id IS NULL THEN (SELECT min(n.sent_at) ${inMessages(`${asksAnswer('n')} AND n.sent_at > coalesce(m.last_answer_at, '-infinity')`)})
    WHEN v.outcome IN ('callback_requested', 'unresolved') THEN ${callEnd} END AS waiting_since,
  m.first_inbound_at,
  (SELECT min(n.sent_at) ${inMessages(`${isAnswer('n')} AND n.sent_at >= m.first_inbound_at`)}) AS first_response_at,
  -- Every call is the assistant's until it is put through.
  CASE WHEN v.id IS NULL THEN coalesce(m.assistant AND NOT m.staff, false) ELSE NOT ${putThrough}
    AND coalesce(v.caller_turns > 0, false) AND coalesce(v.status NOT IN ('no_answer', 'busy', 'voicemail'), true) END AS ai_only,
  CASE WHEN v.id IS NULL THEN coalesce(m.handed_off, false) ELSE ${putThrough} END AS handed_off,
  coalesce(v.outcome = 'booked', false)
    OR (SELECT true FROM appointments b WHERE b.tenant_id = $1 AND b.conversation_id = k.id AND ${isCounted('b')} LIMIT 1) IS TRUE
    OR (SELECT true FROM appointments b WHERE b.tenant_id = $1 AND b.call_id = v.id AND ${isCounted('b')} LIMIT 1) IS TRUE AS booked,
  k.first_contact,
  k.first_contact AND NOT EXISTS (
    SELECT FROM appointments b
    WHERE b.tenant_id = $1 AND b.patient_id = k.patient_id AND ${isCounted('b')} AND ${madeAt('b')} < k.began_at) AS first_event,
  -- Only a first contact is asked what came of it.
  CASE WHEN k.first_contact THEN (
    SELECT ${madeAt('b')} FROM appointments b
    WHERE b.tenant_id = $1 AND b.patient_id = k.patient_id AND ${isCounted('b')} AND ${madeAt('b')} >= k.began_at
    ORDER BY ${madeAt('b')} LIMIT 1) END AS next_booking_at,
  CASE WHEN k.first_contact THEN (
    SELECT b.starts_at FROM appointments b
    WHERE b.tenant_id = $1 AND b.patient_id = k.patient_id AND ${isCounted('b')} AND b.status = 'completed' AND b.starts_at >= k.began_at
    ORDER BY b.starts_at LIMIT 1) END AS next_visit_at,
  -- Channel by channel: somebody who calls all day costs no more than others.
  k.patient_id IS NOT NULL AND (
    SELECT bool_or(EXISTS (
      SELECT FROM conversations o
      WHERE o.tenant_id = $1 AND o.patient_id = k.patient_id AND o.channel = other.channel
        AND ${beganAt('o')} < k.began_at AND ${beganAt('o')} >= k.began_at - interval '720 hours'))
    FROM unnest('{${conversationChannels}}'::text[]) AS other (channel)
    WHERE other.channel <> k.channel) AS other_channel_before,
  s.accepted, s.edited, s.rejected
FROM (
  SELECT k.tenant_id, k.id, k.contact_phone, k.channel, k.state, k.labels, k.assignee_id, k.patient_id, k.intent, k.sentiment,
    k.language, k.resolved_at, k.reopened, ${beganAt('k')} AS began_at, ${isTest('k')} AS is_test,
    k.patient_id IS NOT NULL AND NOT EXISTS (
      SELECT FROM conversations o
      WHERE o.tenant_id = $1 AND o.patient_id = k.patient_id AND (${beganAt('o')}, o.id) < (${beganAt('k')}, k.id)) AS first_contact
  FROM conversations k WHERE k.tenant_id = $1 AND k.id = ANY ($2::uuid[]) OFFSET 0) k
LEFT JOIN LATERAL (
  SELECT v.id, v.intent, v.sentiment, v.language, v.status, v.outcome, v.end_reason, v.transferred_to, v.caller_turns,
    v.began_at, v.ended_at, v.duration_seconds
  FROM voice_calls v WHERE v.tenant_id = $1 AND v.conversation_id = k.id ORDER BY v.began_at, v.id LIMIT 1) v ON true
LEFT JOIN LATERAL (
  SELECT count(*)::int AS messages, min(n.sent_at) FILTER (WHERE ${asksAnswer('n')}) AS first_inbound_at,
    max(n.sent_at) FILTER (WHERE ${isAnswer('n')}) AS last_answer_at,
    bool_or(n.sender_kind = 'assistant') AS assistant, bool_or(n.sender_kind = 'user') AS staff,
    min(n.sent_at) FILTER (WHERE n.sender_kind = 'assistant') < max(n.sent_at) FILTER (WHERE n.sender_kind = 'user') AS handed_off
  ${inMessages('NOT n.entered_in_error')}) m ON k.channel <> 'voice'
LEFT JOIN LATERAL (
  SELECT count(*) FILTER (WHERE r.state = 'sent')::int AS accepted, count(*) FILTER (WHERE r.state = 'edited')::int AS edited,
    count(*) FILTER (WHERE r.state = 'dismissed')::int AS rejected
  FROM reply_suggestions r WHERE r.tenant_id = $1 AND r.conversation_id = k.id) s ON k.channel <> 'voice'`;
