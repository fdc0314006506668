import { type Intent, isBookingIntent } from '../intents.ts';
import type { FactDefinition, Statement, Statements } from './fact-definition.ts';
import {
  elapsed,
  flag,
  histogram,
  identifier,
  localTimeColumns,
  noId,
  utcMillis,
} from './statement-parts.ts';

/** One conversation (a call is one, too), under the day it began on and the day it was last resolved on. */
export const conversationFact = {
  kind: 'conversation',
  statementVersion: 2,
  count: 'conversations',
  bases: ['created', 'resolved'],
  dimensions: {
    channel: 'text',
    state: 'text',
    intent: 'text',
    sentiment: 'text',
    language: 'text',
    labels: 'texts',
    assignee_id: 'id',
    patient_id: 'id',
    contact: 'id',
    waiting_since: 'time',
    sla_settled_at: 'time',
  },
  measures: [
    'messages',
    'resolved',
    'reopened',
    'waiting',
    'sla_base',
    'sla_met',
    'sentiment_known',
    'ai_only',
    'handed_off',
    'booking_intent',
    'booked',
    'first_event',
    'first_contact',
    'booked_14d',
    'multi_channel',
    'suggestions_judged',
    'suggestions_accepted',
    'suggestions_edited',
    'suggestions_rejected',
  ],
  histograms: [
    'first_response_ms_hist',
    'first_response_business_ms_hist',
    'resolution_ms_hist',
    'resolution_business_ms_hist',
    'time_to_book_ms_hist',
    'time_to_visit_ms_hist',
  ],
  rollupDimensions: ['channel', 'state', 'intent', 'sentiment', 'assignee_id'],
} as const satisfies FactDefinition;

/** A conversation as the records hold it, with what others say of it. Times are Unix ms, spans ms. */
export interface ConversationRecord {
  /** Made to try the system out; never counted. */
  isTest: boolean;
  channel: string | null;
  state: 'open' | 'pending' | 'snoozed' | 'resolved';
  intent: Intent | null;
  sentiment: 'positive' | 'neutral' | 'negative' | null;
  language: string | null;
  /** Keys of the clinic's own list of labels; what is no key is left out. */
  labels: readonly string[];
  assigneeId: string | null;
  patientId: string | null;
  /** Keyed pseudonym of the other party's number; null: unknown. */
  contact: string | null;
  createdAt: number;
  resolvedAt: number | null;
  /** It was resolved before, and taken up again. */
  reopened: boolean;
  messages: number;
  /** When the first message came in that nobody has answered; null: nobody waits. */
  waitingSince: number | null;
  firstInboundAt: number | null;
  /** The first message out after that. */
  firstResponseAt: number | null;
  firstResponseBusinessMs: number | null;
  resolutionBusinessMs: number | null;
  /** Within which a first response is on time; null: the clinic has set none. */
  firstResponseTargetMs: number | null;
  /** Nobody of the staff wrote or spoke in it, and the assistant did. */
  aiOnly: boolean;
  handedOff: boolean;
  booked: boolean;
  /** Neither an appointment nor a conversation of the patient was there before. */
  firstEvent: boolean;
  /** No earlier conversation of the patient. */
  firstContact: boolean;
  /** The patient's first booking and first completed visit after it. */
  nextBookingAt: number | null;
  nextVisitAt: number | null;
  /** The patient wrote or called by another channel in the 30 days before. */
  otherChannelBefore: boolean;
  /** Proposed replies that were sent as they were, sent after changes, and dismissed. */
  suggestions: { accepted: number; edited: number; rejected: number };
}

const dayMs = 86_400_000;

/**
 * What analytics is told of a conversation under each basis. Whether somebody has waited too long is decided from
 * `waiting_since` when a question is asked; and one whose first answer is not due yet (`sla_settled_at`) is neither in
 * time nor late.
 * @param zone the clinic's IANA zone, whose days count
 */
export function stateConversationFacts(
  record: ConversationRecord,
  zone: string,
): Statements<typeof conversationFact> {
  if (record.isTest) return { created: null, resolved: null };
  const resolvedAt = record.state === 'resolved' ? record.resolvedAt : null;
  const columns = columnsOf(record, resolvedAt);
  const under = (ms: number): Statement<typeof conversationFact> => ({
    ...localTimeColumns(ms, zone),
    ...columns,
  });
  return {
    created: under(record.createdAt),
    resolved: resolvedAt === null ? null : under(resolvedAt),
  };
}

function columnsOf(record: ConversationRecord, resolvedAt: number | null) {
  const response = elapsed(record.firstInboundAt, record.firstResponseAt);
  const target = record.firstInboundAt === null ? null : record.firstResponseTargetMs;
  const met = target !== null && response !== null && response <= target;
  const due = target === null ? null : (record.firstInboundAt ?? 0) + target;
  const toBook = record.firstContact ? elapsed(record.createdAt, record.nextBookingAt) : null;
  const toVisit = record.firstContact ? elapsed(record.createdAt, record.nextVisitAt) : null;
  const bookingIntent = isBookingIntent(record.intent);
  const { accepted, edited, rejected } = record.suggestions;
  return {
    statement_version: conversationFact.statementVersion,
    channel: identifier(record.channel),
    state: record.state,
    intent: record.intent ?? '',
    sentiment: record.sentiment ?? '',
    language: identifier(record.language),
    labels: [...new Set(record.labels.map(identifier))].filter((label) => label !== '').sort(),
    assignee_id: record.assigneeId ?? noId,
    patient_id: record.patientId ?? noId,
    contact: record.contact ?? noId,
    waiting_since: utcMillis(record.waitingSince),
    sla_settled_at: utcMillis(met ? record.firstResponseAt : due),
    messages: record.messages,
    resolved: flag(resolvedAt !== null),
    reopened: flag(record.reopened),
    waiting: flag(record.waitingSince !== null),
    sla_base: flag(target !== null),
    sla_met: flag(met),
    sentiment_known: flag(record.sentiment !== null),
    ai_only: flag(record.aiOnly),
    handed_off: flag(record.handedOff),
    booking_intent: flag(bookingIntent),
    booked: flag(bookingIntent && record.booked),
    first_event: flag(record.firstEvent),
    first_contact: flag(record.firstContact),
    booked_14d: flag(toBook !== null && toBook <= 14 * dayMs),
    multi_channel: flag(record.otherChannelBefore),
    suggestions_judged: accepted + edited + rejected,
    suggestions_accepted: accepted,
    suggestions_edited: edited,
    suggestions_rejected: rejected,
    first_response_ms_hist: histogram(response),
    first_response_business_ms_hist: histogram(response === null ? null : record.firstResponseBusinessMs),
    resolution_ms_hist: histogram(elapsed(record.createdAt, resolvedAt)),
    resolution_business_ms_hist: histogram(resolvedAt === null ? null : record.resolutionBusinessMs),
    time_to_book_ms_hist: histogram(toBook),
    time_to_visit_ms_hist: histogram(toVisit),
  };
}
