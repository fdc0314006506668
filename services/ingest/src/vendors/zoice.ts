import { toCallEndReason, toCallOutcome, toCallStatus } from '@switchboard/domain/call-outcomes';
import type { Call, Recording, ToolCall, Transcript, Turn } from '@switchboard/schemas';
import { secretScheme } from '../signatures/secret.ts';
import { standardScheme } from '../signatures/standard.ts';
import { zoiceScheme } from '../signatures/zoice.ts';
import { fieldErrors } from './field-errors.ts';
import { collectUnknown, knownFields } from './unknown-fields.ts';
import type { VendorAdapter, VendorEvent } from './vendor.ts';
import { type ZoiceBody, zoiceBody } from './zoice-body.ts';

/** By JSON Pointer, what our schema has no place for. */
type Extra = Map<string, unknown>;

/** Words that Zoice and the models behind it use for who speaks. */
const speakers: ReadonlyMap<string, 'agent' | 'caller'> = new Map([
  ...['agent', 'assistant', 'ai', 'bot'].map((word) => [word, 'agent'] as const),
  ...['caller', 'customer', 'user', 'human', 'patient'].map((word) => [word, 'caller'] as const),
]);

/** Zoice (also called Zucol), whose names are the contract's. */
export function createZoiceAdapter(): VendorAdapter {
  let now = 0;
  const schema = zoiceBody(() => now);
  const known = knownFields(schema);
  return {
    name: 'zoice',
    schemes: [standardScheme, zoiceScheme, secretScheme],
    read(body, receivedAt) {
      // Parsing is synchronous: no other body can come between.
      now = receivedAt;
      const parsed = schema.safeParse(body);
      if (!parsed.success) return { ok: false, errors: fieldErrors(parsed.error.issues, body) };
      const extra: Extra = new Map();
      collectUnknown(body, known, extra);
      return { ok: true, event: toEvent(parsed.data, extra) };
    },
  };
}

function toEvent(body: ZoiceBody, extra: Extra): VendorEvent {
  const event = {
    vendor_event_id: body.event_id,
    event_type: body.event,
    call_id: body.call.id,
    occurred_at: body.occurred_at,
    call: toCall(body.call, extra),
    transcript: toTranscript(body.transcript, extra),
    recording: toRecording(body.recording, extra),
    quality: body.quality ?? null,
    vendor_extraction: toExtraction(body.extraction, extra),
    tool_calls: toToolCalls(body.tool_calls, extra),
    outcome: toOurs(body.outcome, toCallOutcome, '/outcome', extra),
    summary: body.summary,
    metadata: toJson(body.metadata),
  };
  return { ...event, extra: extra.size > 0 ? JSON.stringify(Object.fromEntries(extra)) : null };
}

function toCall(call: ZoiceBody['call'], extra: Extra): Call {
  return {
    direction: call.direction,
    from_number: call.from,
    to_number: call.to,
    status: toOurs(call.status, toCallStatus, '/call/status', extra),
    started_at: call.started_at,
    answered_at: call.answered_at,
    ended_at: call.ended_at,
    duration_seconds: call.duration_seconds,
    end_reason: toOurs(call.end_reason, toCallEndReason, '/call/end_reason', extra),
    language: call.language,
    agent_id: call.agent?.id ?? null,
    agent_name: call.agent?.name ?? null,
    agent_version: call.agent?.version ?? null,
    transferred_to: call.transferred_to,
    cost_minor: call.cost?.amount ?? null,
    cost_currency: call.cost?.currency?.toUpperCase() ?? null,
  };
}

/**
 * A turn without a known speaker or without text is kept in `extra`: our transcript has no place for it. Without any turn
 * there is none: an empty one would stand for "nobody spoke", and take the place of what an earlier event said.
 */
function toTranscript(transcript: ZoiceBody['transcript'], extra: Extra): Transcript | null {
  if (!transcript) return null;
  if (!transcript.turns) {
    keepFilled('/transcript', transcript, extra);
    return null;
  }
  const turns: Turn[] = [];
  for (const [position, turn] of transcript.turns.entries()) {
    const speaker = speakers.get(turn.speaker?.toLowerCase() ?? '');
    if (!speaker || typeof turn.text !== 'string') keepFilled(`/transcript/turns/${position}`, turn, extra);
    else turns.push({ ...turn, index: turn.index ?? -1, speaker, text: turn.text });
  }
  const { language, engine } = transcript;
  if (turns.length > 0) return { language, engine, turns: inOrder(turns) };
  keepFilled('/transcript', { language, engine }, extra);
  return null;
}

/** By the vendor's index where each turn has its own, else as sent: two turns never share a position. */
function inOrder(turns: Turn[]): Turn[] {
  const given = new Set(turns.map(({ index }) => index));
  if (given.size === turns.length && !given.has(-1)) return turns.sort((a, b) => a.index - b.index);
  return turns.map((turn, index) => ({ ...turn, index }));
}

/** A recording without a URL can't be fetched: its facts are kept in `extra`. */
function toRecording(recording: ZoiceBody['recording'], extra: Extra): Recording | null {
  if (!recording) return null;
  if (recording.url) return { ...recording, url: recording.url };
  keepFilled('/recording', recording, extra);
  return null;
}

function toToolCalls(calls: ZoiceBody['tool_calls'], extra: Extra): ToolCall[] | null {
  if (!calls) return null;
  const named = calls.flatMap((call, position) => {
    if (call.name) return [{ ...call, name: call.name }];
    keepFilled(`/tool_calls/${position}`, call, extra);
    return [];
  });
  return named.length > 0 ? named : null;
}

/** How sure the vendor is says nothing without what of. */
function toExtraction(extraction: ZoiceBody['extraction'], extra: Extra): VendorEvent['vendor_extraction'] {
  if (!extraction) return null;
  const entities = toJson(extraction.entities);
  if (extraction.intent !== null || entities !== null) return { ...extraction, entities };
  keepFilled('/extraction', { confidence: extraction.confidence }, extra);
  return null;
}

/** Our word for the vendor's, which is kept where it was another. */
function toOurs(
  word: string | null,
  translate: (word: string | null) => string | null,
  pointer: string,
  extra: Extra,
): string | null {
  const ours = translate(word);
  if (ours !== word) extra.set(pointer, word);
  return ours;
}

function keepFilled(pointer: string, fields: Record<string, unknown>, extra: Extra): void {
  for (const [name, value] of Object.entries(fields))
    if (value !== null && value !== undefined) extra.set(`${pointer}/${name}`, value);
}

/** An object without members says nothing. */
function toJson(value: Record<string, unknown> | null): string | null {
  return value && Object.keys(value).length > 0 ? JSON.stringify(value) : null;
}
