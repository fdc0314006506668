import { optWordOf } from '@switchboard/domain/messaging/opt-words';
import type { Row } from '@switchboard/postgres/rows';
import type { MessageEnriched, MessageReceived } from '@switchboard/schemas';

/** How a message reads after an edit: what {@link saidOf} says, and whether it asks for no more messages now, or for some again. */
export function editedOf(enriched: MessageEnriched): Row {
  return { ...saidOf(enriched), opt: optOf(enriched.event) };
}

/** How a message reads, what was found in it, and what of it is to be masked; an edit brings all of it anew. */
export function saidOf({ event, analysis, language, extractor_version }: MessageEnriched): Row {
  const text = event.kind === 'reaction' ? (event.reaction ?? '') : event.body || event.button_text;
  const place = text ? null : placeOf(event);
  const body = place ?? text;
  // Nobody looked for names in a text without analysis: it stays masked as a whole.
  const isRead = analysis !== null || place !== null || !body;
  return {
    body,
    language,
    intent: analysis?.intent ?? null,
    intent_confidence: analysis?.intent_confidence ?? null,
    sentiment: analysis?.sentiment ?? null,
    sentiment_score: analysis?.sentiment_score ?? null,
    entities: analysis?.entities ?? [],
    redactions:
      place === null
        ? (analysis?.redactions ?? []).map(({ start, end, kind }) => ({ start, end, kind }))
        : [{ start: 0, end: place.length, kind: 'address' }],
    extractor_version: isRead ? extractor_version : null,
  };
}

/** The columns of a message as its event tells them. */
export function messageColumns(enriched: MessageEnriched, sentAt: number): Row {
  const { event } = enriched;
  const inbound = event.direction === 'inbound';
  const at = new Date(sentAt).toISOString();
  return {
    ...saidOf(enriched),
    direction: inbound ? 'inbound' : 'outbound',
    sender_kind: inbound ? 'patient' : 'system',
    kind: event.kind ?? 'text',
    template: event.template,
    status: event.status ?? (inbound ? 'received' : 'sent'),
    status_at: at,
    error_code: event.error_code,
    sent_at: at,
    edited_at: null,
    source: event.source,
    external_id: event.message_id,
    entered_in_error: false,
    merge_state: {},
  };
}

/** What there is no column for; the conversation's own name, number and opt-out are made from it. */
export function extraOf({ event, clinic_phone: clinic }: MessageEnriched): Row {
  const about = aboutOf(event);
  const inbound = event.direction === 'inbound';
  const opt = optOf(event);
  return {
    ...(about !== null && { quoted: about }),
    ...(opt !== null && { opt }),
    ...(inbound && event.profile_name !== null && { profile: event.profile_name }),
    ...(inbound && clinic !== null && { clinic }),
    ...(event.location && { location: event.location }),
    ...(event.button_payload !== null && { button_payload: event.button_payload }),
    ...(event.extra !== null && { unknown: event.extra }),
  };
}

/** The vendor's id of the message that this one answers or reacts to. */
export function aboutOf(event: MessageReceived): string | null {
  return event.quoted_message_id ?? event.target_message_id;
}

/** Whether the other party asks to be written to no more, or again. A reaction asks for nothing. */
export function optOf(event: MessageReceived): 'out' | 'in' | null {
  if (event.direction !== 'inbound' || event.kind === 'reaction') return null;
  return optWordOf(event.body || event.button_text, optOutTypeOf(event));
}

/** What Twilio makes of the text, in a field that our schema does not know. */
function optOutTypeOf({ extra }: MessageReceived): string | null {
  if (extra === null) return null;
  const told: unknown = Reflect.get(Object(JSON.parse(extra)), '/OptOutType');
  return typeof told === 'string' ? told : null;
}

function placeOf({ location }: MessageReceived): string | null {
  if (!location) return null;
  const named = [location.label, location.address].filter(Boolean).join(', ');
  return named || `${location.latitude}, ${location.longitude}`;
}
