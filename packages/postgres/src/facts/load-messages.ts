import type { MessageRecord } from '@switchboard/domain/facts/message';
import { isIntent } from '@switchboard/domain/intents';
import type { Queryable } from '../pool.ts';
import { asksAnswer, isAnswer, isInbound, isReminder, isTest, saysStop } from './counted.ts';
import { readSentiment } from './read-sentiment.ts';

/** A message's record for its fact, with what its times and its pseudonym are made of. */
export interface LoadedMessage {
  id: string;
  phone: string | null;
  /** Of an answer: when the first message came in that it answers. */
  answersAt: number | null;
  record: Omit<MessageRecord, 'contact' | 'replyMs' | 'replyBusinessMs'>;
}

/** Reads messages as their facts state them, with what their conversation says of them. */
export async function loadMessages(
  client: Queryable,
  tenantId: string,
  ids: readonly string[],
): Promise<LoadedMessage[]> {
  const { rows } = await client.query<MessageRow>(messageSql, [tenantId, ids]);
  return rows.map((row) => ({
    id: row.id,
    phone: row.contact_phone,
    answersAt: row.answers_at?.getTime() ?? null,
    record: {
      isTest: row.is_test,
      channel: row.channel,
      direction: row.direction,
      status: row.direction === 'outbound' ? readStatus(row.status) : null,
      intent: row.intent !== null && isIntent(row.intent) ? row.intent : null,
      sentiment: readSentiment(row.sentiment),
      sentimentScore: row.sentiment_score,
      language: row.language,
      assigneeId: row.answered_by,
      conversationId: row.conversation_id,
      patientId: row.patient_id,
      sentAt: row.sent_at.getTime(),
      hasMedia: row.has_media,
      isTemplate: row.is_template,
      isReminder: row.is_reminder,
      reminderAnswered: row.reminder_answered,
      isOptOut: row.is_opt_out,
    },
  }));
}

interface MessageRow {
  id: string;
  contact_phone: string | null;
  answers_at: Date | null;
  is_test: boolean;
  channel: string;
  direction: 'inbound' | 'outbound';
  status: string | null;
  intent: string | null;
  sentiment: string | null;
  sentiment_score: number | null;
  language: string | null;
  answered_by: string | null;
  conversation_id: string;
  patient_id: string | null;
  sent_at: Date;
  has_media: boolean;
  is_template: boolean;
  is_reminder: boolean;
  reminder_answered: boolean;
  is_opt_out: boolean;
}

const statuses = ['queued', 'sent', 'delivered', 'read', 'failed', 'undelivered'] as const;

function readStatus(text: string | null): MessageRecord['status'] {
  return statuses.find((status) => status === text) ?? null;
}

const messageSql = `
SELECT m.id, k.contact_phone, m.entered_in_error OR ${isTest('k')} AS is_test, k.channel, m.direction, m.status, m.intent,
  m.sentiment, m.sentiment_score, m.language, m.conversation_id, k.patient_id, m.sent_at,
  -- Who answered. Who was in charge when a message came in is not kept, and who is now has not read it.
  CASE WHEN m.sender_kind = 'user' THEN m.sender_id END AS answered_by,
  (SELECT true FROM message_media x WHERE x.tenant_id = $1 AND x.message_id = m.id LIMIT 1) IS TRUE AS has_media,
  m.template IS NOT NULL AS is_template,
  ${isReminder('m')} AS is_reminder,
  ${isReminder('m')} AND EXISTS (
    SELECT FROM conversation_messages i
    WHERE i.tenant_id = $1 AND i.conversation_id = m.conversation_id AND ${isInbound('i')}
      AND i.sent_at > m.sent_at AND i.sent_at <= m.sent_at + interval '48 hours') AS reminder_answered,
  -- As it was taken; else by the words by which carriers take it: 'cancel' and 'end' mean an appointment here.
  m.direction = 'inbound' AND coalesce(m.extra ->> 'opt' = 'out', ${saysStop('m')}, false) AS is_opt_out,
  CASE WHEN ${isAnswer('m')} THEN (
    SELECT min(i.sent_at) FROM conversation_messages i
    WHERE i.tenant_id = $1 AND i.conversation_id = m.conversation_id AND ${asksAnswer('i')} AND i.sent_at <= m.sent_at
      AND i.sent_at > coalesce((
        SELECT o.sent_at FROM conversation_messages o
        WHERE o.tenant_id = $1 AND o.conversation_id = m.conversation_id AND ${isAnswer('o')}
          AND (o.sent_at, o.id) < (m.sent_at, m.id)
        ORDER BY o.sent_at DESC, o.id DESC LIMIT 1), '-infinity')) END AS answers_at
FROM conversation_messages m
JOIN conversations k ON k.tenant_id = $1 AND k.id = m.conversation_id
WHERE m.tenant_id = $1 AND m.id = ANY ($2::uuid[])`;
