import { randomUUID } from 'node:crypto';
import type { MessageReceived, VoiceCallReceived } from '@switchboard/schemas';
import { readExample } from '@switchboard/schemas/testing/read-example';
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

/** A message in which a patient writes one thing. */
export function written(tenantId: string, body: string): MessageReceived {
  const example: MessageReceived = structuredClone(Object(readExample('message.received.v1')));
  const text = { kind: 'text', media: null, location: null, quoted_message_id: null, body } as const;
  return {
    ...example,
    ...text,
    event_id: randomUUID(),
    message_id: `SM${randomUUID()}`,
    tenant_id: tenantId,
  };
}
