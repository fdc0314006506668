import { businessMsBetween } from '@switchboard/domain/business-hours';
import { stateMessageFacts } from '@switchboard/domain/facts/message';
import { type Add, type ClinicView, dayMs } from './clinic-view.ts';
import type { PlainMessage } from './plain-rows.ts';

/** Each message held against its thread. */
export function recountMessages({ talks, thread, rules }: ClinicView, add: Add): void {
  const { hours, zone } = rules;
  for (const talk of talks) {
    const messages = thread(talk.id);
    const contact = talk.contact_phone === null ? null : rules.contactOf(talk.contact_phone);
    for (const message of messages) {
      const place = messages.indexOf(message);
      const previous = messages.slice(0, place).findLastIndex(isAnswer);
      const waiting = messages.slice(previous + 1, place).find((one) => one.direction === 'inbound');
      const answered = isAnswer(message) && waiting !== undefined;
      const reminder = message.direction === 'outbound' && (message.template ?? '').includes('reminder');
      add(
        'message',
        message.id,
        stateMessageFacts(
          {
            isTest: false,
            channel: talk.channel,
            direction: message.direction,
            status: message.direction === 'outbound' ? message.status : null,
            intent: null,
            sentiment: null,
            sentimentScore: message.sentiment_score,
            language: message.language ?? null,
            assigneeId: message.sender_kind === 'user' ? message.sender_id : null,
            conversationId: talk.id,
            patientId: talk.patient_id,
            contact,
            sentAt: message.sent_at,
            hasMedia: false,
            isTemplate: message.template !== null,
            isReminder: reminder,
            reminderAnswered: messages.some(
              (one) =>
                one.direction === 'inbound' &&
                one.sent_at > message.sent_at &&
                one.sent_at <= message.sent_at + 2 * dayMs,
            ),
            isOptOut: /^[\s.!]*stop[\s.!]*$/i.test(message.body ?? ''),
            replyMs: answered ? message.sent_at - waiting.sent_at : null,
            replyBusinessMs: answered
              ? businessMsBetween(hours, waiting.sent_at, message.sent_at, zone)
              : null,
          },
          zone,
        ),
      );
    }
  }
}

/** What answers somebody. */
export function isAnswer(message: PlainMessage): boolean {
  return (
    message.direction === 'outbound' &&
    (message.sender_kind === 'user' || message.sender_kind === 'assistant') &&
    message.status !== 'failed'
  );
}
