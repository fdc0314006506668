import { uuidV5 } from '@switchboard/domain/ids';
import { twilioEventId } from '@switchboard/domain/messaging/twilio-event-id';
import type { MessageEnriched, MessageReceived } from '@switchboard/schemas';
import { readExample } from '@switchboard/schemas/testing/read-example';

export type MessageParts = Partial<MessageReceived> & Pick<MessageReceived, 'message_id'>;
export type MessageFindings = Partial<NonNullable<MessageEnriched['analysis']>>;

const example = readExample('message.enriched.v1');

/**
 * An event of Twilio's, enriched: a text in, unless its parts say otherwise.
 * @param at Unix ms
 */
export function messageEvent(
  tenantId: string,
  at: number,
  parts: MessageParts,
  analysis: MessageFindings | null = null,
  phone = '+919812345678',
): MessageEnriched {
  const type = parts.event_type ?? 'message.received';
  const id = twilioEventId(
    tenantId,
    type === 'message.status' || type === 'message.edited' ? type : 'message.received',
    parts.message_id,
    parts.status ?? null,
  );
  const whole: MessageEnriched = structuredClone(Object(example));
  return {
    ...whole,
    event_id: uuidV5(id, 'rules-1'),
    event: {
      ...whole.event,
      event_id: id,
      tenant_id: tenantId,
      event_type: type,
      received_at: at,
      kind: 'text',
      ...nothingElse,
      ...parts,
    },
    contact_phone: phone,
    clinic_phone: '+912240001234',
    language: parts.body ? 'en' : null,
    analysis:
      analysis && whole.analysis ? { ...whole.analysis, entities: [], redactions: [], ...analysis } : null,
    candidates: [],
  };
}

const nothingElse = {
  media: null,
  location: null,
  quoted_message_id: null,
  button_text: null,
  extra: null,
  profile_name: null,
  body: null,
  status: null,
};
