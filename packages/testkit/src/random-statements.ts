import { type AppointmentRecord, stateAppointmentFacts } from '@switchboard/domain/facts/appointment';
import { type ConversationRecord, stateConversationFacts } from '@switchboard/domain/facts/conversation';
import { type JourneyRecord, stateJourneyFacts } from '@switchboard/domain/facts/journey';
import { type JourneyStepRecord, stateJourneyStepFacts } from '@switchboard/domain/facts/journey-step';
import { type MessageRecord, stateMessageFacts } from '@switchboard/domain/facts/message';
import { idOf, type RandomCallsOptions, type RandomSource, randomSource } from './random-calls.ts';

/** What one record states under one of its bases. */
export interface RandomStatement {
  kind: string;
  entityId: string;
  basis: string;
  /** Null: nothing, or no longer. */
  statement: Readonly<Record<string, unknown>> | null;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const intents = ['book_appointment', 'billing', 'other'] as const;
const sentiments = ['positive', 'neutral', 'negative'] as const;

/**
 * What random records of every kind but calls state: as many of each kind as `count` says, with every optional field
 * missing now and then. Patients, staff and contacts repeat. Another seed with the same `ids` is another state of the
 * same records.
 * @param zone the clinic's IANA zone
 */
export function randomStatements(
  options: RandomCallsOptions & { ids?: number },
  zone: string,
): RandomStatement[] {
  const source = randomSource(options.seed);
  const kinds = {
    appointment: () => stateAppointmentFacts(appointment(source, options), zone),
    journey: () => stateJourneyFacts(journey(source, options), zone),
    journey_step: () => stateJourneyStepFacts(journeyStep(source, options), zone),
    message: () => stateMessageFacts(message(source, options), zone),
    conversation: () => stateConversationFacts(conversation(source, options), zone),
  };
  return Object.entries(kinds).flatMap(([kind, state], group) =>
    Array.from({ length: options.count }, (_, index) => {
      const entityId = idOf((options.ids ?? options.seed) * 8 + group, index);
      return Object.entries(state()).map(([basis, statement]) => ({ kind, entityId, basis, statement }));
    }).flat(),
  );
}

type Span = Pick<RandomCallsOptions, 'from' | 'to'>;
const at = ({ random }: RandomSource, { from, to }: Span) => from + Math.floor(random() * (to - from));

function appointment(source: RandomSource, span: Span): AppointmentRecord {
  const { random, pick, maybe, whole } = source;
  const startsAt = at(source, span);
  const status = pick([
    'scheduled',
    'confirmed',
    'checked_in',
    'completed',
    'completed',
    'cancelled',
    'no_show',
  ]);
  const cancelledAt = status === 'cancelled' ? startsAt - whole(72) * hourMs : null;
  return {
    status,
    isTest: random() < 0.02,
    startsAt,
    endsAt: startsAt + (1 + whole(3)) * 900_000,
    createdAt: startsAt - whole(20 * 24) * hourMs,
    bookingTimeUnknown: random() < 0.05,
    channel: maybe(pick(['voice', 'whatsapp', 'web', 'desk'])),
    appointmentType: maybe(pick(['consultation', 'follow_up'])),
    practitionerId: maybe(idOf(3, whole(4))),
    departmentId: maybe(idOf(4, whole(2))),
    locationId: maybe(idOf(5, whole(1))),
    patientId: maybe(idOf(1, whole(20))),
    confirmedAt: maybe(startsAt - 10 * hourMs, 0.5),
    checkedInAt: maybe(startsAt + (whole(20) - 10) * 60_000, 0.5),
    cancelledAt,
    cancelledBy: cancelledAt === null ? null : maybe(pick(['patient', 'clinic'])),
    moves: whole(2),
    bookedByAi: random() < 0.5,
    bookedAfterHours: random() < 0.3,
    feeMinor: maybe(whole(10) * 10_000),
    feeCurrency: 'INR',
    firstAppointment: random() < 0.3,
    firstEvent: random() < 0.2,
    contactsBefore: whole(4),
    rebookedWithin30Days: random() < 0.4,
    returnedWithin90Days: random() < 0.4,
    slotRefilledAt: cancelledAt === null ? null : maybe(cancelledAt + whole(30) * hourMs, 0.5),
    overlaps: random() < 0.05 ? 1 : 0,
  };
}

function journey(source: RandomSource, span: Span): JourneyRecord {
  const { random, pick, maybe, whole } = source;
  const startedAt = at(source, span);
  const steps = 1 + whole(6);
  return {
    status: pick(['active', 'paused', 'completed', 'canceled']),
    isTest: random() < 0.02,
    journeyType: maybe(pick(['knee_surgery', 'pregnancy'])),
    departmentId: maybe(idOf(4, whole(2))),
    practitionerId: maybe(idOf(3, whole(4))),
    patientId: maybe(idOf(1, whole(20))),
    startedAt,
    endedAt: startedAt + whole(30) * dayMs,
    pauses: whole(2),
    resumes: whole(1),
    steps,
    stepsDone: Math.min(steps, whole(6)),
  };
}

function journeyStep(source: RandomSource, span: Span): JourneyStepRecord {
  const { random, pick, maybe, whole } = source;
  const dueAt = at(source, span);
  const status = pick(['open', 'completed', 'completed', 'dropped']);
  const completedAt = status === 'completed' ? dueAt + (whole(20) - 7) * dayMs : null;
  return {
    status,
    isTest: random() < 0.02,
    journeyId: idOf(6, whole(30)),
    journeyType: maybe(pick(['knee_surgery', 'pregnancy'])),
    step: maybe(pick(['blood_test', 'x_ray', 'review'])),
    stage: maybe(pick(['before', 'after'])),
    departmentId: maybe(idOf(4, whole(2))),
    practitionerId: maybe(idOf(3, whole(4))),
    patientId: maybe(idOf(1, whole(20))),
    dueAt: maybe(dueAt),
    completedAt,
    advancedAt: completedAt === null ? null : maybe(completedAt + whole(20) * dayMs, 0.6),
  };
}

function message(source: RandomSource, span: Span): MessageRecord {
  const { random, pick, maybe, whole } = source;
  const direction = pick(['inbound', 'outbound']);
  const reply = maybe(whole(600) * 60_000, 0.5);
  return {
    isTest: random() < 0.02,
    channel: maybe(pick(['whatsapp', 'sms'])),
    direction,
    status: direction === 'inbound' ? null : pick(['queued', 'sent', 'delivered', 'read', 'failed']),
    intent: direction === 'inbound' ? maybe(pick(intents)) : null,
    sentiment: maybe(pick(sentiments)),
    sentimentScore: maybe(random() * 2 - 1),
    language: maybe(pick(['en-IN', 'hi'])),
    assigneeId: maybe(idOf(7, whole(3))),
    conversationId: idOf(8, whole(40)),
    patientId: maybe(idOf(1, whole(20))),
    contact: maybe(idOf(2, whole(30))),
    sentAt: at(source, span),
    hasMedia: random() < 0.2,
    isTemplate: random() < 0.2,
    isReminder: random() < 0.2,
    reminderAnswered: random() < 0.5,
    isOptOut: random() < 0.05,
    replyMs: reply,
    replyBusinessMs: reply === null ? null : Math.floor(reply / 2),
  };
}

function conversation(source: RandomSource, span: Span): ConversationRecord {
  const { random, pick, maybe, whole } = source;
  const createdAt = at(source, span);
  const state = pick(['open', 'pending', 'snoozed', 'resolved', 'resolved']);
  const responded = maybe(whole(300) * 60_000);
  return {
    isTest: random() < 0.02,
    channel: maybe(pick(['voice', 'whatsapp', 'sms'])),
    state,
    intent: maybe(pick(intents)),
    sentiment: maybe(pick(sentiments)),
    language: maybe(pick(['en-IN', 'hi'])),
    labels: ['vip', 'billing', 'urgent'].filter(() => random() < 0.3),
    assigneeId: maybe(idOf(7, whole(3))),
    patientId: maybe(idOf(1, whole(20))),
    contact: maybe(idOf(2, whole(30))),
    createdAt,
    resolvedAt: state === 'resolved' ? createdAt + whole(5 * 24) * hourMs : null,
    reopened: random() < 0.2,
    messages: whole(12),
    waitingSince: maybe(createdAt + whole(48) * hourMs, 0.4),
    firstInboundAt: maybe(createdAt),
    firstResponseAt: responded === null ? null : createdAt + responded,
    firstResponseBusinessMs: responded === null ? null : Math.floor(responded / 2),
    resolutionBusinessMs: maybe(whole(40) * hourMs),
    firstResponseTargetMs: maybe(hourMs),
    aiOnly: random() < 0.4,
    handedOff: random() < 0.2,
    booked: random() < 0.5,
    firstEvent: random() < 0.2,
    firstContact: random() < 0.4,
    nextBookingAt: maybe(createdAt + whole(20) * dayMs, 0.6),
    nextVisitAt: maybe(createdAt + whole(40) * dayMs, 0.4),
    otherChannelBefore: random() < 0.2,
    suggestions: { accepted: whole(2), edited: whole(1), rejected: whole(1) },
  };
}
