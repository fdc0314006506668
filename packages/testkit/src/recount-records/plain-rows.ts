import type { BusinessHours } from '@switchboard/domain/business-hours';
import type { AppointmentRecord } from '@switchboard/domain/facts/appointment';
import type { ConversationRecord } from '@switchboard/domain/facts/conversation';
import type { JourneyRecord } from '@switchboard/domain/facts/journey';
import type { Intent } from '@switchboard/domain/intents';
import type { Sentiment } from '@switchboard/domain/sentiment';

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
  location_id?: string | null;
  appointment_type_id?: string | null;
  status: Exclude<AppointmentRecord['status'], 'entered_in_error'>;
  starts_at: number;
  ends_at: number;
  /** Null where the time is unknown. */
  booked_at: number | null;
  booking_time_unknown: boolean;
  confirmed_at: number | null;
  checked_in_at: number | null;
  cancelled_at: number | null;
  cancelled_by: 'patient' | 'clinic' | null;
  moves: number;
  moved_at?: number | null;
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
  language?: string | null;
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
  language?: string | null;
  sentiment_score: number | null;
  entered_in_error: boolean;
}

export interface PlainCall {
  id: string;
  conversation_id: string;
  status: string | null;
  outcome: string | null;
  direction: 'inbound' | 'outbound';
  contact_phone: string | null;
  intent: Intent | null;
  sentiment?: Sentiment | null;
  language?: string | null;
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
