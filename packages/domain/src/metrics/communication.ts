import { conversationFact } from '../facts/conversation.ts';
import { messageFact } from '../facts/message.ts';
import {
  metricsOf,
  past,
  quantile,
  type RecordMetricDefinition,
  ratio,
  recordsNow,
  sum,
  termsOf,
} from './record-metric.ts';

/** Receipts and answers come within two days; what takes longer says so. */
const metric = metricsOf({ category: 'communication', settlesAfter: 'P2D' });
const sent = termsOf(messageFact, 'sent');
const created = termsOf(conversationFact, 'created');
const resolved = termsOf(conversationFact, 'resolved');
const inbound = sent('messages', { direction: ['inbound'] });
const outbound = sent('messages', { direction: ['outbound'] });
const handedOver = sent('messages', {
  direction: ['outbound'],
  status: ['sent', 'delivered', 'read', 'failed', 'undelivered'],
});
const tone = (sentiment: string) => created('conversations', { sentiment: [sentiment] });
const unanswered = past(created('waiting'), 'PT24H', 'waiting_since');
const settled = (column: string) => past(created(column), 'PT0S', 'sla_settled_at');
const written = { channel: ['whatsapp', 'sms', 'email'] };
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const micro = 1_000_000;

const volume: RecordMetricDefinition[] = [
  metric(
    'messages_total',
    'Messages',
    'messages',
    'neither',
    'Messages sent and received in the period.',
    sum(sent()),
    { synonyms: ['how many messages'] },
  ),
  metric(
    'messages_inbound',
    'Messages received',
    'messages',
    'neither',
    'Messages that came in.',
    sum(inbound),
    { synonyms: ['incoming messages'] },
  ),
  metric(
    'messages_outbound',
    'Messages sent',
    'messages',
    'neither',
    'Messages that went out.',
    sum(outbound),
    { synonyms: ['outgoing messages'] },
  ),
  metric(
    'conversations_total',
    'Conversations',
    'conversations',
    'neither',
    'Conversations that began in the period, calls among them.',
    sum(created()),
    { synonyms: ['how many conversations'] },
  ),
  metric(
    'conversations_open',
    'Conversations not resolved',
    'conversations',
    'down',
    'Conversations that are open, pending or snoozed now.',
    recordsNow({ conversations: ['state'] }),
  ),
  metric(
    'conversations_resolved',
    'Conversations resolved',
    'conversations',
    'up',
    'Conversations that were resolved in the period.',
    sum(resolved()),
  ),
  metric(
    'messages_per_conversation',
    'Messages per conversation',
    'messages',
    'neither',
    'Messages of a conversation that began in the period, on average.',
    ratio(created('messages'), created()),
  ),
  metric(
    'active_contacts',
    'Active contacts',
    'contacts',
    'up',
    'Different numbers that wrote to the clinic in the period.',
    { kind: 'distinct', of: sent('contact', { direction: ['inbound'] }) },
  ),
  metric(
    'media_rate',
    'Messages with media',
    'ratio',
    'neither',
    'Of all messages, those with a picture, a file or sound.',
    ratio(sent('media'), sent()),
  ),
  metric(
    'message_intent_mix',
    'Messages by intent',
    'messages',
    'neither',
    'Messages that came in, by what was wanted.',
    { kind: 'mix', of: inbound, by: 'intent' },
  ),
];

/** Each as clock time, and counting the clinic's business hours alone. */
const times: RecordMetricDefinition[] = [
  { suffix: '', column: 'ms', words: '', heading: '' },
  { suffix: '_business', column: 'business_ms', words: ' of business hours', heading: ' (business hours)' },
].flatMap(({ suffix, column, words, heading }) => [
  metric(
    `first_response_median_minutes${suffix}`,
    `First response, median${heading}`,
    'minutes',
    'down',
    `Half of the first answers came within this time${words}.`,
    quantile(created(`first_response_${column}_hist`), 0.5, minuteMs),
  ),
  metric(
    `first_response_p90_minutes${suffix}`,
    `First response, 90th percentile${heading}`,
    'minutes',
    'down',
    `9 of 10 first answers came within this time${words}.`,
    quantile(created(`first_response_${column}_hist`), 0.9, minuteMs),
  ),
  metric(
    `reply_time_mean_minutes${suffix}`,
    `Reply time, mean${heading}`,
    'minutes',
    'down',
    `Mean time${words} from the first unanswered message to its answer.`,
    ratio(sent(`reply_${column}`), sent('reply_n'), minuteMs),
  ),
  metric(
    `reply_time_median_minutes${suffix}`,
    `Reply time, median${heading}`,
    'minutes',
    'down',
    `Half of the answers came within this time${words}.`,
    quantile(sent(`reply_${column}_hist`), 0.5, minuteMs),
  ),
  metric(
    `resolution_time_median_hours${suffix}`,
    `Resolution time, median${heading}`,
    'hours',
    'down',
    `Half of the conversations resolved in the period were so within this time${words}.`,
    quantile(resolved(`resolution_${column}_hist`), 0.5, hourMs),
  ),
]);

const answers: RecordMetricDefinition[] = [
  metric(
    'resolution_rate',
    'Conversation resolution rate',
    'ratio',
    'up',
    'Of the conversations that began in the period, those that are resolved.',
    ratio(created('resolved'), created()),
    { settlesAfter: 'P14D' },
  ),
  metric(
    'reopen_rate',
    'Reopen rate',
    'ratio',
    'down',
    'Of the conversations resolved in the period, those that had been resolved before.',
    ratio(resolved('reopened'), resolved()),
    { settlesAfter: 'P14D' },
  ),
  metric(
    'unanswered_conversations',
    'Unanswered conversations',
    'conversations',
    'down',
    'Conversations begun in the period in which somebody has waited for more than 24 hours.',
    sum(unanswered),
    { synonyms: ['who is still waiting'] },
  ),
  metric(
    'unanswered_rate',
    'Unanswered rate',
    'ratio',
    'down',
    'Of the conversations that began in the period, those in which somebody has waited for more than 24 hours.',
    ratio(unanswered, created()),
  ),
  metric(
    'sla_attainment_rate',
    'Answered in time',
    'ratio',
    'up',
    'Of the conversations with a target whose first answer came or was due, those answered within it.',
    ratio(settled('sla_met'), settled('sla_base')),
    { synonyms: ['service level'] },
  ),
  metric(
    'ai_only_rate',
    'Assistant alone',
    'ratio',
    'up',
    'Of the conversations, those that the assistant led without the staff.',
    ratio(created('ai_only'), created()),
  ),
  metric(
    'handoff_rate',
    'Handed to the staff',
    'ratio',
    'down',
    'Of the conversations, those that the assistant handed to the staff.',
    ratio(created('handed_off'), created()),
  ),
  metric(
    'suggestion_acceptance_rate',
    'Suggestions accepted',
    'ratio',
    'up',
    'Of the proposed replies that were sent or dismissed, those sent as they were.',
    ratio(created('suggestions_accepted'), created('suggestions_judged')),
  ),
  metric(
    'suggestion_edit_rate',
    'Suggestions edited',
    'ratio',
    'neither',
    'Of the proposed replies that were sent or dismissed, those sent after changes.',
    ratio(created('suggestions_edited'), created('suggestions_judged')),
  ),
  metric(
    'suggestion_rejection_rate',
    'Suggestions dismissed',
    'ratio',
    'down',
    'Of the proposed replies that were sent or dismissed, those dismissed.',
    ratio(created('suggestions_rejected'), created('suggestions_judged')),
  ),
  metric(
    'chat_booking_conversion_rate',
    'Chats that book',
    'ratio',
    'up',
    'Of the written conversations that wanted a booking, those that led to one.',
    ratio(created('booked', written), created('booking_intent', written)),
    { settlesAfter: 'P14D' },
  ),
];

const sentiment: RecordMetricDefinition[] = [
  metric(
    'sentiment_positive_rate',
    'Positive tone',
    'ratio',
    'up',
    'Of the conversations whose tone is known, the positive ones.',
    ratio(tone('positive'), created('sentiment_known')),
    { synonyms: ['happy patients'] },
  ),
  metric(
    'sentiment_neutral_rate',
    'Neutral tone',
    'ratio',
    'neither',
    'Of the conversations whose tone is known, the neutral ones.',
    ratio(tone('neutral'), created('sentiment_known')),
  ),
  metric(
    'sentiment_negative_rate',
    'Negative tone',
    'ratio',
    'down',
    'Of the conversations whose tone is known, the negative ones.',
    ratio(tone('negative'), created('sentiment_known')),
    { synonyms: ['unhappy patients'] },
  ),
  metric(
    'sentiment_mean',
    'Tone, mean',
    'score',
    'up',
    'Mean tone of the messages whose tone is known, from −1 to 1.',
    ratio(sent('sentiment_micro'), sent('sentiment_known'), micro),
  ),
];

const delivery: RecordMetricDefinition[] = [
  metric(
    'delivery_rate',
    'Delivery rate',
    'ratio',
    'up',
    'Of the messages handed to the carrier, those delivered or read.',
    ratio(sent('delivered'), handedOver),
  ),
  metric(
    'read_rate',
    'Read rate',
    'ratio',
    'up',
    'Of the messages delivered, those read.',
    ratio(sent('read'), sent('delivered')),
  ),
  metric(
    'failure_rate',
    'Failure rate',
    'ratio',
    'down',
    'Of the messages handed to the carrier, those that failed.',
    ratio(sent('failed'), handedOver),
    { synonyms: ['undelivered messages'] },
  ),
  metric(
    'template_rate',
    'Templates',
    'ratio',
    'neither',
    'Of the messages that went out, those made from a template.',
    ratio(sent('template'), outbound),
  ),
  metric(
    'reminder_response_rate',
    'Reminders answered',
    'ratio',
    'up',
    'Of the reminders sent, those that were answered.',
    ratio(sent('reminder_answered'), sent('reminder')),
  ),
  metric(
    'opt_out_rate',
    'Opt-outs',
    'ratio',
    'down',
    'Of the messages that came in, those that ask for no more.',
    ratio(sent('opt_out'), inbound),
  ),
];

/** Everything that is told of messages and conversations. */
export const communicationMetrics: readonly RecordMetricDefinition[] = [
  ...volume,
  ...times,
  ...answers,
  ...sentiment,
  ...delivery,
];
