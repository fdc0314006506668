import type { Intent } from '../intents.ts';
import type { FactDefinition, Statements } from './fact-definition.ts';
import { flag, histogram, identifier, localTimeColumns, micro, noId } from './statement-parts.ts';

/** One message in or out, under the day it was sent on. */
export const messageFact = {
  kind: 'message',
  statementVersion: 2,
  count: 'messages',
  bases: ['sent'],
  dimensions: {
    channel: 'text',
    direction: 'text',
    status: 'text',
    intent: 'text',
    sentiment: 'text',
    language: 'text',
    assignee_id: 'id',
    conversation_id: 'id',
    patient_id: 'id',
    contact: 'id',
  },
  measures: [
    'delivered',
    'read',
    'failed',
    'media',
    'template',
    'reminder',
    'reminder_answered',
    'opt_out',
    'reply_n',
    'reply_ms',
    'reply_business_ms',
    'sentiment_known',
    'sentiment_micro',
  ],
  histograms: ['reply_ms_hist', 'reply_business_ms_hist'],
  rollupDimensions: ['channel', 'direction', 'status', 'intent', 'sentiment'],
} as const satisfies FactDefinition;

/** A message as the records hold it, with what its conversation says of it. Times are Unix ms, spans ms. */
export interface MessageRecord {
  /** Made to try the system out; never counted. */
  isTest: boolean;
  channel: string | null;
  direction: 'inbound' | 'outbound';
  /** Of an outbound message; null for one that came in. */
  status: 'queued' | 'sent' | 'delivered' | 'read' | 'failed' | 'undelivered' | null;
  intent: Intent | null;
  sentiment: 'positive' | 'neutral' | 'negative' | null;
  /** −1 to 1. */
  sentimentScore: number | null;
  language: string | null;
  assigneeId: string | null;
  conversationId: string;
  patientId: string | null;
  /** Keyed pseudonym of the other party's number; null: unknown. */
  contact: string | null;
  sentAt: number;
  hasMedia: boolean;
  isTemplate: boolean;
  isReminder: boolean;
  /** The other party wrote within the time that the conversation's rules give a reminder. */
  reminderAnswered: boolean;
  /** It asks to be written to no more. */
  isOptOut: boolean;
  /** Of the first message out after one came in: since the first that was not answered; else null. */
  replyMs: number | null;
  /** The same, in the clinic's business hours alone. */
  replyBusinessMs: number | null;
}

/**
 * What analytics is told of a message. Never its text.
 * @param zone the clinic's IANA zone, whose days count
 */
export function stateMessageFacts(record: MessageRecord, zone: string): Statements<typeof messageFact> {
  if (record.isTest) return { sent: null };
  const outbound = record.direction === 'outbound';
  const reply = outbound ? record.replyMs : null;
  const business = reply === null ? null : record.replyBusinessMs;
  const isRead = outbound && record.status === 'read';
  return {
    sent: {
      ...localTimeColumns(record.sentAt, zone),
      statement_version: messageFact.statementVersion,
      channel: identifier(record.channel),
      direction: record.direction,
      status: record.status ?? '',
      intent: record.intent ?? '',
      sentiment: record.sentiment ?? '',
      language: identifier(record.language),
      assignee_id: record.assigneeId ?? noId,
      conversation_id: record.conversationId,
      patient_id: record.patientId ?? noId,
      contact: record.contact ?? noId,
      delivered: flag(isRead || (outbound && record.status === 'delivered')),
      read: flag(isRead),
      failed: flag(outbound && (record.status === 'failed' || record.status === 'undelivered')),
      media: flag(record.hasMedia),
      template: flag(outbound && record.isTemplate),
      reminder: flag(outbound && record.isReminder),
      reminder_answered: flag(outbound && record.isReminder && record.reminderAnswered),
      opt_out: flag(!outbound && record.isOptOut),
      reply_n: flag(reply !== null),
      reply_ms: Math.round(reply ?? 0),
      reply_business_ms: Math.round(business ?? 0),
      sentiment_known: flag(record.sentimentScore !== null),
      sentiment_micro: micro(record.sentimentScore),
      reply_ms_hist: histogram(reply),
      reply_business_ms_hist: histogram(business),
    },
  };
}
