import { identifier } from '@switchboard/domain/facts/statement-parts';
import type { ConversationLinks } from '@switchboard/postgres/api/conversation-links';
import {
  type ConversationRow,
  conversationStates,
  type LastMessage,
  type OpenedConversation,
} from '@switchboard/postgres/api/conversation-list';
import { conversationChannels } from '@switchboard/postgres/conversation-channels';
import { windowMs } from '@switchboard/postgres/messaging/queue-message';
import { z } from 'zod';
import type { Reader } from '../calls/present-call.ts';
import type { CanSend, Conversation, ConversationDetail } from './conversation-schema.ts';
import { beginningFor } from './redact-message.ts';

const channelOf = z.enum(conversationChannels);
const stateOf = z.enum(conversationStates);
const iso = (instant: Date | null): string | null => instant?.toISOString() ?? null;

export function presentConversation(row: ConversationRow, reader: Reader): Conversation {
  const shown = (value: string | null) => (reader.seesPhi ? value : null);
  const name = [row.patient_first_name, row.patient_last_name].filter(Boolean).join(' ');
  return {
    id: row.id,
    channel: channelOf.parse(row.channel),
    status: stateOf.parse(row.state),
    contact: { name: shown(row.contact_name), phone: shown(row.contact_phone) },
    patient: row.patient_id === null ? null : { id: row.patient_id, name: shown(name || null) },
    assignee: row.assignee_id === null ? null : { id: row.assignee_id, name: row.assignee_name },
    // What is no key was written elsewhere, and may be a text.
    labels: reader.seesPhi ? row.labels : row.labels.filter((label) => identifier(label) !== ''),
    unread: row.unread,
    snoozed_until: iso(row.snoozed_until),
    last_activity_at: row.activity_at.toISOString(),
    last_inbound_at: iso(row.last_inbound_at),
    intent: row.intent,
    sentiment: row.sentiment,
    language: row.language,
    call_id: row.call?.id ?? null,
    last_message: row.last_message && presentLast(row.last_message, row, reader),
    version: row.version,
  };
}

export function presentConversationDetail(
  row: OpenedConversation,
  { calls, appointments }: ConversationLinks,
  { reader, now, hasAccount }: { reader: Reader; now: number; hasAccount: boolean },
): ConversationDetail {
  const windowEnds = row.heard_at && row.heard_at.getTime() + windowMs;
  return {
    ...presentConversation(row, reader),
    began_at: row.began_at.toISOString(),
    resolved_at: iso(row.resolved_at),
    reopened: row.reopened,
    opted_out_at: iso(row.opted_out_at),
    window_ends_at: windowEnds === null ? null : new Date(windowEnds).toISOString(),
    can_send: canSend(row, hasAccount, windowEnds !== null && now < windowEnds),
    calls: calls.map(({ began_at, ...call }) => ({ ...call, started_at: began_at.toISOString() })),
    appointments: appointments.map(({ starts_at, ...appointment }) => ({
      ...appointment,
      start: starts_at.toISOString(),
    })),
  };
}

function canSend(row: ConversationRow, hasAccount: boolean, isInWindow: boolean): CanSend {
  const never = (reason: CanSend['reason']): CanSend => ({ text: false, template: false, reason });
  if (row.channel === 'voice') return never('not_a_chat');
  if (row.contact_phone === null) return never('no_address');
  if (row.channel !== 'whatsapp') return never('whatsapp_only');
  if (row.opted_out_at !== null) return never('opted_out');
  if (!hasAccount) return never('twilio_not_configured');
  if (!isInWindow) return { text: false, template: true, reason: 'outside_window' };
  return { text: true, template: true, reason: null };
}

function presentLast(
  { body, redactions, sent_at, ...last }: LastMessage,
  row: ConversationRow,
  reader: Reader,
): Conversation['last_message'] {
  return {
    ...last,
    text: beginningFor(reader, { body, redactions }, namesOf(row)),
    sent_at: new Date(sent_at).toISOString(),
  };
}

/** What is masked wherever it stands. */
export function namesOf(row: ConversationRow): (string | null)[] {
  return [row.contact_name, row.patient_first_name, row.patient_last_name];
}
