import { businessMsBetween } from '@switchboard/domain/business-hours';
import { stateConversationFacts } from '@switchboard/domain/facts/conversation';
import { type Add, type ClinicView, dayMs } from './clinic-view.ts';
import { isAnswer } from './messages.ts';

/** Each conversation from its call or thread, held against the patient's others. */
export function recountTalks(view: ClinicView, add: Add): void {
  const { rows, visits, talks, thread, callOf, wayOf, rules } = view;
  const { hours, zone } = rules;
  for (const talk of talks) {
    const messages = thread(talk.id);
    const contact = talk.contact_phone === null ? null : rules.contactOf(talk.contact_phone);
    const answers = messages.filter(isAnswer);
    const call = callOf(talk.id);
    const own = visits.filter((one) => talk.patient_id !== null && one.patient_id === talk.patient_id);
    const place = wayOf(talk.patient_id).findIndex((event) => event.id === talk.id);
    const contacts = wayOf(talk.patient_id).filter((event) => event.booking === 0);
    const firstInbound = messages.find((one) => one.direction === 'inbound');
    const response = answers.find((one) => firstInbound && one.sent_at >= firstInbound.sent_at);
    const waiting = messages
      .slice(messages.findLastIndex(isAnswer) + 1)
      .find((one) => one.direction === 'inbound');
    const callEnd = call ? (call.ended_at ?? call.began_at) : null;
    const resolvedAt = talk.resolved_at ?? callEnd;
    const transferred =
      call !== undefined && (call.transferred_to !== null || call.outcome === 'transferred');
    const assistantAt = messages.find((one) => one.sender_kind === 'assistant')?.sent_at;
    const staffAt = messages.findLast((one) => one.sender_kind === 'user')?.sent_at;
    const earliest = (times: readonly number[]) => (times.length === 0 ? null : Math.min(...times));
    const openMs = (from: number | null | undefined, to: number | null | undefined) =>
      typeof from === 'number' && typeof to === 'number' ? businessMsBetween(hours, from, to, zone) : null;
    add(
      'conversation',
      talk.id,
      stateConversationFacts(
        {
          isTest: false,
          channel: talk.channel,
          state: talk.state,
          intent: call ? call.intent : talk.intent,
          sentiment: call?.sentiment ?? null,
          language: (call ? call.language : talk.language) ?? null,
          labels: talk.labels,
          assigneeId: null,
          patientId: talk.patient_id,
          contact,
          createdAt: talk.began,
          resolvedAt,
          reopened: talk.reopened > 0,
          messages: messages.length,
          waitingSince:
            talk.state === 'resolved'
              ? null
              : call
                ? ['callback_requested', 'unresolved'].includes(call.outcome ?? '')
                  ? callEnd
                  : null
                : (waiting?.sent_at ?? null),
          firstInboundAt: firstInbound?.sent_at ?? null,
          firstResponseAt: response?.sent_at ?? null,
          firstResponseBusinessMs: openMs(firstInbound?.sent_at, response?.sent_at),
          resolutionBusinessMs: openMs(talk.began, resolvedAt),
          firstResponseTargetMs: rules.firstResponseTargetMs,
          aiOnly: call
            ? !transferred &&
              (call.caller_turns ?? 0) > 0 &&
              !['no_answer', 'busy', 'voicemail'].includes(call.status ?? '')
            : assistantAt !== undefined && staffAt === undefined,
          handedOff: call
            ? transferred
            : assistantAt !== undefined && staffAt !== undefined && assistantAt < staffAt,
          booked:
            call?.outcome === 'booked' ||
            rows.appointments.some(
              (one) =>
                one.status !== 'held' &&
                !one.placeholder &&
                !one.entered_in_error &&
                (one.conversation_id === talk.id || (call !== undefined && one.call_id === call.id)),
            ),
          firstEvent: place === 0,
          firstContact: contacts[0]?.id === talk.id,
          nextBookingAt: earliest(own.map((one) => one.booked_at).filter((at) => at >= talk.began)),
          nextVisitAt: earliest(
            own
              .filter((one) => one.status === 'completed')
              .map((one) => one.starts_at)
              .filter((at) => at >= talk.began),
          ),
          otherChannelBefore: talks.some(
            (other) =>
              talk.patient_id !== null &&
              other.patient_id === talk.patient_id &&
              other.channel !== talk.channel &&
              other.began < talk.began &&
              other.began >= talk.began - 30 * dayMs,
          ),
          suggestions: { accepted: 0, edited: 0, rejected: 0 },
        },
        zone,
      ),
    );
  }
}
