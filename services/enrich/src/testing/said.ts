import type { VoiceCallReceived } from '@switchboard/schemas';
import { receivedEvent } from '@switchboard/testkit/factories';

/** An event of a call in which the caller says one thing. */
export function said(tenantId: string, text: string): VoiceCallReceived {
  const turn = { index: 0, speaker: 'caller', text, start_ms: null, end_ms: null, confidence: null };
  return receivedEvent({
    tenant_id: tenantId,
    call: { from_number: '+919812345678', to_number: '+912240001234', language: 'en-IN' },
    transcript: { language: null, engine: null, turns: [turn] },
  });
}
