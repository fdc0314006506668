import { toE164 } from '@switchboard/domain/phone';
import type { Row } from '@switchboard/postgres/rows';
import { type ChangedRecord, numberOf, textOf, type Winners } from './changed-record.ts';
import { patientIn } from './links.ts';

/** How a message's conversation is found: by a name, or by channel and number. */
export type ConversationKey = { source: string; externalId: string } | { channel: string; phone: string };

/** A message on its way into a conversation. */
export interface Placed {
  record: ChangedRecord;
  key: ConversationKey;
  channel: string;
  direction: 'inbound' | 'outbound';
  /** E.164; null: none that is a number. */
  phone: string | null;
  /** Unix ms. */
  sentAt: number;
}

const dayMs = 86_400_000;

/**
 * Where a message belongs, as it is told: to the sender's conversation, else to that of channel and number, else to that of
 * channel and address, or patient; one that says nothing of the kind stands alone.
 * @param country region of numbers without a country code
 */
export function placeMessage(record: ChangedRecord, winners: Winners, country: string): Placed {
  const channel = textOf(winners, 'channel') ?? 'sms';
  const direction = textOf(winners, 'direction') === 'inbound' ? 'inbound' : 'outbound';
  const address = textOf(winners, direction === 'inbound' ? 'from_address' : 'to_address');
  const phone = channel === 'email' ? null : toE164(address, country);
  const conversation = textOf(winners, 'conversation');
  const patient = patientIn(record, winners);
  const name =
    address !== undefined
      ? `of ${channel} ${address.trim().toLowerCase()}`
      : `of ${channel} ${patient ?? `message ${record.externalId}`}`;
  const source = record.numbering;
  const key =
    conversation !== undefined
      ? { source, externalId: conversation }
      : phone !== null
        ? { channel, phone }
        : { source, externalId: name };
  const sentAt = numberOf(winners, 'sent_at') ?? record.cause.event.received_at;
  return { record, key, channel, direction, phone, sentAt };
}

/**
 * Of the conversations with a number the one that a message belongs to: the last that had begun. Where that was resolved before,
 * the next, which came after it, so that what comes late waits where somebody looks; and where there is none, the same for so
 * many days, and then a new one (undefined).
 * @param conversations oldest first
 */
export function chooseConversation(
  conversations: readonly Row[],
  sentAt: number,
  reopenDays: number,
): Row | undefined {
  const place = Math.max(
    0,
    conversations.findLastIndex((row) => beganAt(row) <= sentAt),
  );
  const begun = conversations[place];
  if (begun?.state !== 'resolved' || typeof begun.resolved_at !== 'string') return begun;
  const resolvedAt = Date.parse(begun.resolved_at);
  const next = conversations[place + 1];
  if (next) return sentAt > resolvedAt ? next : begun;
  return sentAt > resolvedAt + reopenDays * dayMs ? undefined : begun;
}

/** A conversation that begins with a message of this time; it has a name where its contact has no number. */
export function beginConversation(begun: {
  tenantId: string;
  id: string;
  channel: string;
  phone: string | null;
  sentAt: number;
  name: { source: string; externalId: string } | null;
}): Row {
  const at = new Date(begun.sentAt).toISOString();
  return {
    tenant_id: begun.tenantId,
    id: begun.id,
    channel: begun.channel,
    state: 'pending',
    contact_phone: begun.phone,
    last_inbound_at: null,
    last_message_at: at,
    began_at: at,
    resolved_at: null,
    reopened: 0,
    unread: 0,
    labels: [],
    source: begun.name?.source ?? null,
    external_id: begun.name?.externalId ?? null,
    merge_state: {},
    version: 0,
  };
}

/** A conversation after a message came to it that was not there before. A message in opens it; one out does not. */
export function addMessage(
  row: Row,
  { direction, sentAt, phone }: Pick<Placed, 'direction' | 'sentAt' | 'phone'>,
): Row {
  const at = new Date(sentAt).toISOString();
  const later = (name: string) =>
    typeof row[name] === 'string' && Date.parse(row[name]) >= sentAt ? row[name] : at;
  const contact_phone = row.contact_phone ?? phone;
  const next = { ...row, contact_phone, last_message_at: later('last_message_at') };
  if (direction === 'outbound') return next;
  const isNew = row.last_inbound_at === null || Date.parse(String(row.last_inbound_at)) < sentAt;
  const wasResolved = row.state === 'resolved';
  const opens =
    isNew && (!wasResolved || row.resolved_at === null || Date.parse(String(row.resolved_at)) < sentAt);
  return {
    ...next,
    last_inbound_at: later('last_inbound_at'),
    ...(opens && {
      state: 'open',
      snoozed_until: null,
      resolved_at: null,
      reopened: Number(row.reopened) + Number(wasResolved),
    }),
  };
}

function beganAt({ began_at, created_at }: Row): number {
  return Date.parse(String(began_at ?? created_at));
}
