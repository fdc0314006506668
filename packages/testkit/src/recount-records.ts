import { type BusinessHours, businessMsBetween, isOpenAt } from '@switchboard/domain/business-hours';
import { type AppointmentRecord, stateAppointmentFacts } from '@switchboard/domain/facts/appointment';
import { type ConversationRecord, stateConversationFacts } from '@switchboard/domain/facts/conversation';
import { type JourneyRecord, stateJourneyFacts } from '@switchboard/domain/facts/journey';
import { stateJourneyStepFacts } from '@switchboard/domain/facts/journey-step';
import { stateMessageFacts } from '@switchboard/domain/facts/message';
import type { Intent } from '@switchboard/domain/intents';

/** Rows as a test writes them, with names as in the tables; times are Unix ms. */
export interface PlainRows {
  patients: readonly { id: string; test_data: boolean }[];
  practitioners: readonly { id: string; department_id: string | null }[];
  appointments: readonly PlainAppointment[];
  journeys: readonly PlainJourney[];
  journey_steps: readonly PlainStep[];
  conversations: readonly PlainConversation[];
  conversation_messages: readonly PlainMessage[];
  voice_calls: readonly PlainCall[];
}

export interface PlainAppointment {
  id: string;
  patient_id: string | null;
  practitioner_id: string | null;
  status: Exclude<AppointmentRecord['status'], 'entered_in_error'>;
  starts_at: number;
  ends_at: number;
  booked_at: number;
  confirmed_at: number | null;
  checked_in_at: number | null;
  cancelled_at: number | null;
  cancelled_by: 'patient' | 'clinic' | null;
  moves: number;
  channel: string;
  call_id: string | null;
  tool_call_id: string | null;
  conversation_id: string | null;
  fee_minor: number | null;
  fee_currency: string | null;
  placeholder: boolean;
  entered_in_error: boolean;
}

export interface PlainJourney {
  id: string;
  patient_id: string | null;
  practitioner_id: string | null;
  journey_type: string;
  status: Exclude<JourneyRecord['status'], 'entered_in_error'>;
  started_at: number;
  ended_at: number | null;
  pauses: number;
  resumes: number;
  placeholder: boolean;
  entered_in_error: boolean;
}

export interface PlainStep {
  id: string;
  journey_id: string;
  step_type: string | null;
  stage: string | null;
  due_at: number | null;
  completed_at: number | null;
  placeholder: boolean;
}

export interface PlainConversation {
  id: string;
  channel: string;
  state: ConversationRecord['state'];
  patient_id: string | null;
  contact_phone: string | null;
  intent: Intent | null;
  labels: readonly string[];
  resolved_at: number | null;
  reopened: number;
  created_at: number;
}

export interface PlainMessage {
  id: string;
  conversation_id: string;
  direction: 'inbound' | 'outbound';
  sender_kind: 'patient' | 'user' | 'assistant' | 'system';
  sender_id: string | null;
  status: 'queued' | 'sent' | 'delivered' | 'read' | 'failed' | null;
  sent_at: number;
  body: string | null;
  template: string | null;
  sentiment_score: number | null;
  entered_in_error: boolean;
}

export interface PlainCall {
  id: string;
  conversation_id: string;
  status: string | null;
  outcome: string | null;
  intent: Intent | null;
  began_at: number;
  ended_at: number | null;
  caller_turns: number | null;
  transferred_to: string | null;
}

export interface RecountRules {
  zone: string;
  hours: BusinessHours;
  firstResponseTargetMs: number;
  contactOf: (phone: string) => string;
}

type Stated = Record<string, unknown>;
const dayMs = 86_400_000;
const by =
  <T>(...keys: ((one: T) => number | string)[]) =>
  (a: T, b: T) => {
    for (const key of keys) {
      if (key(a) < key(b)) return -1;
      if (key(a) > key(b)) return 1;
    }
    return 0;
  };

/**
 * What should be stated of records but calls, found the slow way: each row is held against all others, by the words of
 * what its record's fields mean. Dimensions and measures are then made by the domain's pure functions.
 * @returns statements by `kind id basis`
 */
export function recountRecords(rows: PlainRows, rules: RecountRules): Map<string, Stated> {
  const { zone, hours } = rules;
  const found = new Map<string, Stated>();
  const add = (kind: string, id: string, statements: Readonly<Record<string, Stated | null>>) => {
    for (const [basis, statement] of Object.entries(statements))
      if (statement) found.set(`${kind} ${id} ${basis}`, statement);
  };
  const test = (patientId: string | null) =>
    rows.patients.some((patient) => patient.id === patientId && patient.test_data);
  const departmentOf = (id: string | null) =>
    rows.practitioners.find((one) => one.id === id)?.department_id ?? null;
  const visits = rows.appointments.filter(
    (one) => one.status !== 'held' && !one.placeholder && !one.entered_in_error && !test(one.patient_id),
  );
  const thread = (id: string) =>
    rows.conversation_messages
      .filter((one) => one.conversation_id === id && !one.entered_in_error)
      .sort(
        by(
          (one) => one.sent_at,
          (one) => (one.direction === 'inbound' ? 0 : 1),
          (one) => one.id,
        ),
      );
  const callOf = (id: string) => rows.voice_calls.find((call) => call.conversation_id === id);
  const talks = rows.conversations
    .filter((one) => !test(one.patient_id))
    .map((one) => ({
      ...one,
      began: callOf(one.id)?.began_at ?? thread(one.id)[0]?.sent_at ?? one.created_at,
    }));
  /** A patient's conversations and bookings, in order. */
  const wayOf = (patientId: string | null) =>
    patientId === null
      ? []
      : [
          ...talks
            .filter((one) => one.patient_id === patientId)
            .map((one) => ({ id: one.id, at: one.began, booking: 0 })),
          ...visits
            .filter((one) => one.patient_id === patientId)
            .map((one) => ({ id: one.id, at: one.booked_at, booking: 1 })),
        ].sort(
          by(
            (one) => one.at,
            (one) => one.booking,
            (one) => one.id,
          ),
        );

  for (const one of visits) {
    const way = wayOf(one.patient_id);
    const place = way.findIndex((event) => event.id === one.id);
    const before = way.slice(0, Math.max(0, place));
    const lastBooking = before.findLastIndex((event) => event.booking === 1);
    const others = visits.filter((other) => other.id !== one.id);
    const own = others.filter((other) => one.patient_id !== null && other.patient_id === one.patient_id);
    const lostAt = one.status === 'cancelled' ? (one.cancelled_at ?? one.starts_at) : one.starts_at;
    const freedAt = one.status === 'cancelled' ? one.cancelled_at : one.starts_at;
    const short = (visit: PlainAppointment) => visit.ends_at - visit.starts_at <= dayMs;
    const beside = others.filter(
      (other) =>
        one.practitioner_id !== null &&
        other.practitioner_id === one.practitioner_id &&
        other.starts_at < one.ends_at &&
        one.starts_at < other.ends_at &&
        short(one) &&
        short(other),
    );
    const refills = beside
      .filter((other) => other.status !== 'cancelled')
      .filter((other) => other.patient_id === null || other.patient_id !== one.patient_id)
      .filter((other) => freedAt !== null && other.booked_at >= freedAt)
      .map((other) => other.booked_at);
    add(
      'appointment',
      one.id,
      stateAppointmentFacts(
        {
          status: one.status,
          isTest: false,
          startsAt: one.starts_at,
          endsAt: one.ends_at,
          createdAt: one.booked_at,
          channel: one.channel,
          appointmentType: null,
          practitionerId: one.practitioner_id,
          departmentId: departmentOf(one.practitioner_id),
          locationId: null,
          patientId: one.patient_id,
          confirmedAt: one.confirmed_at,
          checkedInAt: one.checked_in_at,
          cancelledAt: one.cancelled_at,
          cancelledBy: one.cancelled_by,
          moves: one.moves,
          bookedByAi: one.tool_call_id !== null || (one.call_id !== null && one.channel === 'voice'),
          bookedAfterHours: !isOpenAt(hours, one.booked_at, zone),
          feeMinor: one.fee_minor,
          feeCurrency: one.fee_currency,
          firstAppointment: one.patient_id !== null && lastBooking === -1,
          firstEvent: place === 0,
          contactsBefore: before.slice(lastBooking + 1).length,
          rebookedWithin30Days: own.some(
            (other) => other.booked_at > lostAt && other.booked_at <= lostAt + 30 * dayMs,
          ),
          returnedWithin90Days: own.some(
            (other) =>
              (other.status === 'checked_in' || other.status === 'completed') &&
              by<PlainAppointment>(
                (visit) => visit.starts_at,
                (visit) => visit.id,
              )(one, other) < 0 &&
              other.starts_at <= one.starts_at + 90 * dayMs,
          ),
          slotRefilledAt: refills.length === 0 ? null : Math.min(...refills),
          overlaps: beside.filter(
            (other) =>
              other.status !== 'cancelled' &&
              other.status !== 'no_show' &&
              by<PlainAppointment>(
                (visit) => visit.starts_at,
                (visit) => visit.id,
              )(other, one) < 0,
          ).length,
        },
        zone,
      ),
    );
  }

  for (const journey of rows.journeys) {
    const steps = rows.journey_steps.filter((step) => step.journey_id === journey.id && !step.placeholder);
    const shared = {
      isTest: test(journey.patient_id),
      journeyType: journey.journey_type,
      departmentId: departmentOf(journey.practitioner_id),
      practitionerId: journey.practitioner_id,
      patientId: journey.patient_id,
    };
    if (!journey.placeholder && !journey.entered_in_error)
      add(
        'journey',
        journey.id,
        stateJourneyFacts(
          {
            ...shared,
            status: journey.status,
            startedAt: journey.started_at,
            endedAt: journey.ended_at,
            pauses: journey.pauses,
            resumes: journey.resumes,
            steps: steps.length,
            stepsDone: steps.filter((step) => step.completed_at !== null).length,
          },
          zone,
        ),
      );
    if (journey.entered_in_error) continue;
    const over = journey.status === 'completed' || journey.status === 'canceled';
    const done = steps
      .filter((step) => step.completed_at !== null)
      .sort(
        by(
          (step) => step.completed_at ?? 0,
          (step) => step.id,
        ),
      );
    for (const step of steps) {
      const next = done[done.indexOf(step) + 1];
      add(
        'journey_step',
        step.id,
        stateJourneyStepFacts(
          {
            ...shared,
            status: step.completed_at !== null ? 'completed' : over ? 'dropped' : 'open',
            journeyId: journey.id,
            step: step.step_type,
            stage: step.stage,
            dueAt: step.due_at,
            completedAt: step.completed_at,
            advancedAt: next?.completed_at ?? (journey.status === 'completed' ? journey.ended_at : null),
          },
          zone,
        ),
      );
    }
  }

  for (const talk of talks) {
    const messages = thread(talk.id);
    const contact = talk.contact_phone === null ? null : rules.contactOf(talk.contact_phone);
    const answers = messages.filter(isAnswer);
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
            language: null,
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
            isOptOut: message.body === 'Stop.',
            replyMs: answered ? message.sent_at - waiting.sent_at : null,
            replyBusinessMs: answered
              ? businessMsBetween(hours, waiting.sent_at, message.sent_at, zone)
              : null,
          },
          zone,
        ),
      );
    }
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
          sentiment: null,
          language: null,
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
  return found;
}

function isAnswer(message: PlainMessage): boolean {
  return (
    message.direction === 'outbound' &&
    (message.sender_kind === 'user' || message.sender_kind === 'assistant') &&
    message.status !== 'failed'
  );
}
