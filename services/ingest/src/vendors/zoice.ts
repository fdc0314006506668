import { toCallEndReason, toCallOutcome, toCallStatus } from '@switchboard/domain/call-outcomes';
import type { Call, Quality, Recording, ToolCall, Transcript, Turn } from '@switchboard/schemas';
import { countOf, instantOf, orNull, textOf } from '../fields/fields.ts';
import { secretScheme } from '../signatures/secret.ts';
import { standardScheme } from '../signatures/standard.ts';
import { zoiceScheme } from '../signatures/zoice.ts';
import { type Extra, keepFilled, speakerOf, toJson, toOurs } from './mapping.ts';
import { readWith } from './read-with.ts';
import type { VendorAdapter, VendorEvent } from './vendor.ts';
import { type ZoiceBody, zoiceBody } from './zoice-body.ts';

/** Zoice (also called Zucol), whose names are the contract's. */
export function createZoiceAdapter(): VendorAdapter {
  return {
    name: 'zoice',
    callIdAt: ['call', 'id'],
    schemes: [standardScheme, zoiceScheme, secretScheme],
    read: readWith(zoiceBody, toEvent),
  };
}

function toEvent(body: ZoiceBody, extra: Extra): Omit<VendorEvent, 'extra'> {
  return {
    vendor_event_id: body.event_id,
    event_type: body.event,
    call_id: body.call.id,
    occurred_at: instantOf(body.occurred_at),
    call: toCall(body.call, extra),
    transcript: toTranscript(body.transcript, extra),
    recording: toRecording(body.recording, extra),
    quality: toQuality(body.quality),
    vendor_extraction: toExtraction(body.extraction, extra),
    tool_calls: toToolCalls(body.tool_calls, extra),
    outcome: toOurs(body.outcome, toCallOutcome, '/outcome', extra),
    summary: textOf(body.summary),
    metadata: toJson(body.metadata),
  };
}

function toCall(call: ZoiceBody['call'], extra: Extra): Call {
  return {
    direction: call.direction,
    from_number: textOf(call.from),
    to_number: textOf(call.to),
    status: toOurs(call.status, toCallStatus, '/call/status', extra),
    started_at: instantOf(call.started_at),
    answered_at: instantOf(call.answered_at),
    ended_at: instantOf(call.ended_at),
    duration_seconds: orNull(call.duration_seconds),
    end_reason: toOurs(call.end_reason, toCallEndReason, '/call/end_reason', extra),
    language: textOf(call.language),
    agent_id: textOf(call.agent?.id),
    agent_name: textOf(call.agent?.name),
    agent_version: textOf(call.agent?.version),
    transferred_to: textOf(call.transferred_to),
    cost_minor: orNull(call.cost?.amount),
    cost_currency: textOf(call.cost?.currency?.toUpperCase()),
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
    const speaker = speakerOf(turn.speaker);
    if (!speaker || typeof turn.text !== 'string') keepFilled(`/transcript/turns/${position}`, turn, extra);
    else turns.push(toTurn(turn, speaker, turn.text));
  }
  const [language, engine] = [textOf(transcript.language), textOf(transcript.engine)];
  if (turns.length > 0) return { language, engine, turns: inOrder(turns) };
  keepFilled('/transcript', { language, engine }, extra);
  return null;
}

type BodyTurn = NonNullable<NonNullable<ZoiceBody['transcript']>['turns']>[number];

function toTurn(turn: BodyTurn, speaker: Turn['speaker'], text: string): Turn {
  return {
    index: countOf(turn.index) ?? -1,
    speaker,
    text,
    start_ms: countOf(turn.start_ms),
    end_ms: countOf(turn.end_ms),
    confidence: orNull(turn.confidence),
  };
}

/** By the vendor's index where each turn has its own, else as sent: two turns never share a position. */
function inOrder(turns: Turn[]): Turn[] {
  if (turns.every(({ index }, at) => index > (turns[at - 1]?.index ?? -1))) return turns;
  const given = new Set(turns.map(({ index }) => index));
  if (given.size === turns.length && !given.has(-1)) return turns.sort((a, b) => a.index - b.index);
  return turns.map((turn, index) => ({ ...turn, index }));
}

/** A recording without a URL can't be fetched: its facts are kept in `extra`. */
function toRecording(recording: ZoiceBody['recording'], extra: Extra): Recording | null {
  if (!recording) return null;
  if (recording.url)
    return {
      url: recording.url,
      format: textOf(recording.format),
      duration_seconds: orNull(recording.duration_seconds),
      size_bytes: countOf(recording.size_bytes),
      sha256: textOf(recording.sha256),
      channels: countOf(recording.channels),
    };
  keepFilled('/recording', recording, extra);
  return null;
}

function toToolCalls(calls: ZoiceBody['tool_calls'], extra: Extra): ToolCall[] | null {
  if (!calls) return null;
  const named = calls.flatMap((call, position) => {
    const { id, name, requested_at, responded_at, ok } = call;
    const times = { requested_at: instantOf(requested_at), responded_at: instantOf(responded_at) };
    if (name) return [{ id: textOf(id), name, ...times, ok: orNull(ok) }];
    keepFilled(`/tool_calls/${position}`, call, extra);
    return [];
  });
  return named.length > 0 ? named : null;
}

function toQuality(quality: ZoiceBody['quality']): Quality | null {
  if (!quality) return null;
  return {
    audio_score: orNull(quality.audio_score),
    transcription_confidence: orNull(quality.transcription_confidence),
    latency_ms_p50: orNull(quality.latency_ms_p50),
    latency_ms_p95: orNull(quality.latency_ms_p95),
    interruptions: countOf(quality.interruptions),
    silence_seconds: orNull(quality.silence_seconds),
  };
}

/** How sure the vendor is says nothing without what of. */
function toExtraction(extraction: ZoiceBody['extraction'], extra: Extra): VendorEvent['vendor_extraction'] {
  if (!extraction) return null;
  const [intent, confidence] = [textOf(extraction.intent), orNull(extraction.confidence)];
  const entities = toJson(extraction.entities);
  if (intent !== null || entities !== null) return { intent, confidence, entities };
  keepFilled('/extraction', { confidence }, extra);
  return null;
}
