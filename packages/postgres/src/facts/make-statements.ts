import { businessMsBetween, isOpenAt } from '@switchboard/domain/business-hours';
import { appointmentFact, stateAppointmentFacts } from '@switchboard/domain/facts/appointment';
import { conversationFact, stateConversationFacts } from '@switchboard/domain/facts/conversation';
import { journeyFact, stateJourneyFacts } from '@switchboard/domain/facts/journey';
import { journeyStepFact, stateJourneyStepFacts } from '@switchboard/domain/facts/journey-step';
import { messageFact, stateMessageFacts } from '@switchboard/domain/facts/message';
import { stateVoiceCall, voiceCallStatementVersion } from '@switchboard/domain/facts/voice-call';
import { pseudonymOf } from '@switchboard/domain/pseudonym';
import type { Queryable } from '../pool.ts';
import { loadFactRecords } from '../voice/fact-records.ts';
import type { ClinicRules } from './clinic-rules.ts';
import { loadAppointments } from './load-appointments.ts';
import { type LoadedConversation, loadConversations } from './load-conversations.ts';
import { loadJourneySteps, loadJourneys } from './load-journeys.ts';
import { type LoadedMessage, loadMessages } from './load-messages.ts';
import type { StateContext, ToState } from './touched.ts';

/** What one entity states under each basis; null where it states nothing. */
export interface Stated {
  id: string;
  statements: Readonly<Record<string, Readonly<Record<string, unknown>> | null>>;
}

/** How records of one kind are read and what they state. */
export interface StatedKind {
  kind: string;
  statementVersion: number;
  bases: readonly string[];
  /** Other business hours, or another target of a first answer, make other statements. */
  knowsHours: boolean;
  /** Which ids it is stated by. */
  list: keyof ToState;
  make(client: Queryable, context: MakeContext, ids: readonly string[]): Promise<Stated[]>;
}

export interface MakeContext extends Pick<StateContext, 'tenant' | 'pseudonymKey'> {
  rules: ClinicRules;
}

export const statedKinds: readonly StatedKind[] = [
  {
    kind: 'voice_call',
    statementVersion: voiceCallStatementVersion,
    bases: ['started'],
    knowsHours: false,
    list: 'calls',
    async make(client, context, ids) {
      const loaded = await loadFactRecords(client, context.tenant.tenantId, ids);
      return loaded.map(({ id, phone, isTest, record }) => {
        const call = { ...record, caller: contactOf(context, phone) };
        return { id, statements: { started: isTest ? null : stateVoiceCall(call, context.rules.zone) } };
      });
    },
  },
  {
    ...appointmentFact,
    knowsHours: true,
    list: 'appointments',
    async make(client, { tenant, rules: { hours, zone } }, ids) {
      const loaded = await loadAppointments(client, tenant.tenantId, ids);
      return loaded.map(({ id, record }) => {
        const bookedAfterHours = !isOpenAt(hours, record.createdAt, zone);
        return { id, statements: stateAppointmentFacts({ ...record, bookedAfterHours }, zone) };
      });
    },
  },
  {
    ...journeyFact,
    knowsHours: false,
    list: 'journeys',
    async make(client, { tenant, rules: { zone } }, ids) {
      const loaded = await loadJourneys(client, tenant.tenantId, ids);
      return loaded.map(({ id, record }) => ({ id, statements: stateJourneyFacts(record, zone) }));
    },
  },
  {
    ...journeyStepFact,
    knowsHours: false,
    list: 'journeys',
    async make(client, { tenant, rules: { zone } }, journeyIds) {
      const loaded = await loadJourneySteps(client, tenant.tenantId, journeyIds);
      return loaded.map(({ id, record }) => ({ id, statements: stateJourneyStepFacts(record, zone) }));
    },
  },
  {
    ...messageFact,
    knowsHours: true,
    list: 'messages',
    async make(client, context, ids) {
      const loaded = await loadMessages(client, context.tenant.tenantId, ids);
      return loaded.map((one) => ({ id: one.id, statements: stateMessage(one, context) }));
    },
  },
  {
    ...conversationFact,
    knowsHours: true,
    list: 'conversations',
    async make(client, context, ids) {
      const loaded = await loadConversations(client, context.tenant.tenantId, ids);
      return loaded.map((one) => ({ id: one.id, statements: stateConversation(one, context) }));
    },
  },
];

/** What kinds' statements of a clinic are made by today, as `fact_current.zone` has it. */
export function madeBy({ knowsHours }: StatedKind, rules: ClinicRules): string {
  return knowsHours ? rules.madeBy : rules.zone;
}

/** Pseudonym of the other party; null: the number was withheld. */
export function contactOf(
  { tenant, pseudonymKey }: Pick<StateContext, 'tenant' | 'pseudonymKey'>,
  phone: string | null,
): string | null {
  return phone === null ? null : pseudonymOf(pseudonymKey, tenant.tenantId, phone);
}

function stateMessage({ phone, answersAt, record }: LoadedMessage, context: MakeContext) {
  const { hours, zone } = context.rules;
  const answers = answersAt !== null;
  return stateMessageFacts(
    {
      ...record,
      contact: contactOf(context, phone),
      replyMs: answers ? record.sentAt - answersAt : null,
      replyBusinessMs: answers ? businessMsBetween(hours, answersAt, record.sentAt, zone) : null,
    },
    zone,
  );
}

function stateConversation({ phone, record }: LoadedConversation, context: MakeContext) {
  const { hours, zone, firstResponseTargetMs } = context.rules;
  const { createdAt, firstInboundAt, firstResponseAt, resolvedAt } = record;
  const businessMs = (from: number | null, to: number | null) =>
    from === null || to === null ? null : businessMsBetween(hours, from, to, zone);
  return stateConversationFacts(
    {
      ...record,
      contact: contactOf(context, phone),
      firstResponseBusinessMs: businessMs(firstInboundAt, firstResponseAt),
      resolutionBusinessMs: businessMs(createdAt, resolvedAt),
      firstResponseTargetMs,
    },
    zone,
  );
}
