import { uuidV5 } from '@switchboard/domain/ids';
import { recordEvent } from '@switchboard/domain/records/testing/record-factories';
import type { MessageEnriched, RecordReceived, VoiceCallEnriched } from '@switchboard/schemas';
import { analysis, enrichedEvent, receivedEvent } from '@switchboard/testkit/factories';
import { messageEvent } from '../../messages/testing/message-events.ts';
import { type Event, minute, most, start } from './changes.ts';

/** Whose number it is, by a contact's; the last is nobody's that the clinic knows. */
export const phoneOf = (contact: number) => `+9198${String(contact).padStart(8, '1')}`;
/** Whom people merge is one person, who says one name. */
export const oneName = 'Asha Rao';

/** An event with the id that its place among the changes gives it: the same in every clinic, as ids decide ties. */
export function toRecord(
  tenantId: string,
  place: number,
  event: Extract<Event, { of: 'record' }>,
): RecordReceived {
  return recordEvent(event.type, event.id, {
    tenant_id: tenantId,
    event_id: uuidV5('change', String(place)),
    occurred_at: event.at,
    received_at: start + 1_000 * minute + place,
    source: event.fromFile ? 'import' : 'events',
    origin: event.fromFile ? 'export.csv' : '/clinic/emr',
    ...event.parts,
  });
}

/** A message, or how far it got; odd numbers came in, and the contact and time follow from the number. */
export function toMessage(
  tenantId: string,
  place: number,
  event: Extract<Event, { of: 'message' }>,
): MessageEnriched {
  const { number, status, at } = event;
  const contact = 1 + (number % most.contacts);
  const direction = number % 2 ? 'inbound' : 'outbound';
  const isTold = status !== null && direction === 'outbound';
  const made = messageEvent(
    tenantId,
    at,
    {
      message_id: `SM${number}`,
      event_type: isTold ? 'message.status' : 'message.received',
      direction,
      occurred_at: isTold ? at : start + number * 7 * minute,
      status: isTold ? status : null,
      body: isTold ? null : `words ${number}`,
    },
    null,
    phoneOf(contact),
  );
  const id = uuidV5('change', String(place));
  return { ...made, event_id: uuidV5(id, 'rules'), event: { ...made.event, event_id: id } };
}

export function toCall(
  tenantId: string,
  place: number,
  event: Extract<Event, { of: 'call' }>,
): VoiceCallEnriched {
  const isInbound = event.number % 4 > 0;
  const number = phoneOf(event.who);
  const turn = { index: 0, speaker: 'caller' as const, start_ms: 0, end_ms: null, confidence: null };
  const made = receivedEvent({
    event_id: uuidV5('change', String(place)),
    tenant_id: tenantId,
    vendor_event_id: `e${place}`,
    call_id: `call-${event.number}`,
    event_type: event.type,
    occurred_at: event.at,
    received_at: start + 1_000 * minute + place,
    outcome: event.outcome,
    transcript: event.isSpoken ? { language: 'en', engine: null, turns: [{ ...turn, text: 'Hello' }] } : null,
    call: {
      direction: isInbound ? 'inbound' : 'outbound',
      ...(isInbound ? { from_number: number } : { to_number: number }),
      status: event.status,
      started_at: event.beganAt,
      ended_at: event.status === 'completed' ? event.beganAt + 3 * minute : null,
    },
  });
  return enrichedEvent(made, {
    contact_name: event.isNamed ? oneName : null,
    analysis: event.isSpoken ? analysis({ intent: event.intent }) : null,
  });
}
