import { randomUUID } from 'node:crypto';
import { eventId, uuidV5 } from '@switchboard/domain/ids';
import type { Analysis, Call, VoiceCallEnriched, VoiceCallReceived } from '@switchboard/schemas';

type ReceivedParts = Partial<Omit<VoiceCallReceived, 'call'>> & { call?: Partial<Call> };

/** A received event with only what every event has; `parts` say more. */
export function receivedEvent(parts: ReceivedParts = {}): VoiceCallReceived {
  const { call, ...rest } = parts;
  const tenantId = parts.tenant_id ?? randomUUID();
  const vendorEventId = parts.vendor_event_id ?? randomUUID();
  return {
    event_id: eventId(tenantId, 'zoice', 'voice-call', vendorEventId),
    tenant_id: tenantId,
    source: 'zoice',
    vendor_event_id: vendorEventId,
    event_type: 'call.completed',
    call_id: `zc_${randomUUID()}`,
    occurred_at: null,
    received_at: Date.now(),
    transcript: null,
    recording: null,
    quality: null,
    vendor_extraction: null,
    tool_calls: null,
    outcome: null,
    summary: null,
    metadata: null,
    extra: null,
    ...rest,
    call: {
      direction: 'inbound',
      from_number: null,
      to_number: null,
      status: null,
      started_at: null,
      answered_at: null,
      ended_at: null,
      duration_seconds: null,
      end_reason: null,
      language: null,
      agent_id: null,
      agent_name: null,
      agent_version: null,
      transferred_to: null,
      cost_minor: null,
      cost_currency: null,
      ...call,
    },
  };
}

/** What enrichment would say of an event, as far as `parts` do not say it. */
export function enrichedEvent(
  event: VoiceCallReceived,
  parts: Partial<Omit<VoiceCallEnriched, 'event'>> = {},
): VoiceCallEnriched {
  const version = parts.extractor_version ?? 'test-1';
  return {
    event_id: uuidV5(event.event_id, version),
    extractor_version: version,
    event,
    contact_phone: event.call.direction === 'outbound' ? event.call.to_number : event.call.from_number,
    clinic_phone: null,
    language: event.call.language,
    analysis: event.transcript ? analysis() : null,
    contact_name: null,
    contact_date_of_birth: null,
    candidates: [],
    ...parts,
  };
}

/** An extraction that found a booking intent and nothing else. */
export function analysis(parts: Partial<Analysis> = {}): Analysis {
  return {
    intent: 'book_appointment',
    intent_confidence: 0.8,
    sentiment: 'neutral',
    sentiment_score: 0,
    required_fields: 4,
    filled_fields: 0,
    entities: [],
    redactions: [],
    ...parts,
  };
}
