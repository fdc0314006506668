import type { Queryable } from '../pool.ts';
import { recountAppointments } from './appointments.ts';
import { recountConversations } from './conversations.ts';
import { recountJourneySteps } from './journey-steps.ts';
import { recountJourneys } from './journeys.ts';
import { recountMessages } from './messages.ts';
import { type Recount, recountVoiceCalls } from './voice-calls.ts';

/** Counts one kind of record again, by SQL that shares no code with what states its facts. */
export interface KindRecount {
  /** As in `fact_current.kind`. */
  kind: string;
  /** Of one tenant, in the open transaction, which sees it. */
  recount: (db: Queryable, tenantId: string, zone: string) => Promise<Recount>;
}

/** Every kind whose statements are compared with its records; a further kind is one more of these. */
export const recounts: readonly KindRecount[] = [
  { kind: 'voice_call', recount: recountVoiceCalls },
  { kind: 'appointment', recount: recountAppointments },
  { kind: 'journey', recount: recountJourneys },
  { kind: 'journey_step', recount: recountJourneySteps },
  { kind: 'message', recount: recountMessages },
  { kind: 'conversation', recount: recountConversations },
];
