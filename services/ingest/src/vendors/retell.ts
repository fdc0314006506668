import { toCallEndReason, toCallOutcome, toCallStatus } from '@switchboard/domain/call-outcomes';
import type { Call, ToolCall, Turn } from '@switchboard/schemas';
import { countOf, orNull, textOf } from '../fields/fields.ts';
import { retellScheme } from '../signatures/retell.ts';
import {
  type Extra,
  idOfBody,
  isOther,
  keepFilled,
  latencyOnly,
  recordingOf,
  speakerOf,
  toJson,
  toOurs,
  wordOf,
} from './mapping.ts';
import { readWith } from './read-with.ts';
import { type RetellCall, retellBody } from './retell-body.ts';
import type { VendorAdapter, VendorEvent } from './vendor.ts';

const eventTypes: ReadonlyMap<unknown, string> = new Map([
  ['call_started', 'call.started'],
  ['call_ended', 'call.completed'],
  ['call_analyzed', 'call.analyzed'],
]);
const statuses: ReadonlyMap<string, string> = new Map([
  ['registered', 'ringing'],
  ['ongoing', 'in_progress'],
  ['ended', 'completed'],
  ['not_connected', 'no_answer'],
  ['error', 'failed'],
]);
const reasons: readonly (readonly [RegExp, string])[] = [
  [/^(dial_busy|user_declined)/, 'busy'],
  [/^dial_no_answer/, 'no_answer'],
  [/^voicemail/, 'voicemail'],
  [
    /^(dial_failed|invalid_|error_|no_valid_|sip_|telephony_|concurrency_|no_concurrency|registered_)/,
    'failed',
  ],
];

/** Retell AI: times in milliseconds, words in seconds, cost in US cents; its analysis comes as an event of its own, later. */
export function createRetellAdapter(): VendorAdapter {
  const read = readWith(retellBody, ({ event, call }, extra, body) => ({
    ...toEvent(eventTypes.get(event) ?? event, call, extra),
    vendor_event_id: idOfBody(call.call_id, event, body),
  }));
  return {
    name: 'retell',
    schemes: [retellScheme],
    callIdAt: ['call', 'call_id'],
    read: (body, receivedAt) =>
      isOther(body.event, eventTypes) ? { ok: true, ignored: true } : read(body, receivedAt),
  };
}

function toEvent(
  type: string,
  call: RetellCall,
  extra: Extra,
): Omit<VendorEvent, 'vendor_event_id' | 'extra'> {
  const { call_analysis: analysis, latency, recording_url: url } = call;
  const ended = toCall(call, extra);
  const found = analysis?.custom_analysis_data;
  const turns = toTurns(call.transcript_object, extra);
  return {
    event_type: type === 'call.completed' && ended.status === 'failed' ? 'call.failed' : type,
    call_id: call.call_id,
    occurred_at: countOf(type === 'call.started' ? call.start_timestamp : call.end_timestamp),
    call: ended,
    transcript: turns.length > 0 ? { language: null, engine: null, turns } : null,
    recording: recordingOf(url, seconds(call.duration_ms)),
    quality: latency?.e2e ? latencyOnly(latency.e2e.p50, latency.e2e.p95) : null,
    vendor_extraction: found
      ? { intent: wordOf(found.intent), confidence: null, entities: toJson(found) }
      : null,
    tool_calls: toToolCalls(call.transcript_with_tool_calls),
    outcome: toOurs(wordOf(found?.outcome), toCallOutcome, '/call/call_analysis/outcome', extra),
    summary: textOf(analysis?.call_summary),
    metadata: toJson(call.metadata),
  };
}

function toCall(call: RetellCall, extra: Extra): Call {
  const why = textOf(call.disconnection_reason);
  const status = call.call_analysis?.in_voicemail ? 'voicemail' : statusOf(why, call.call_status);
  return {
    direction: call.direction ?? 'inbound',
    from_number: textOf(call.from_number),
    to_number: textOf(call.to_number),
    status: toOurs(status, toCallStatus, '/call/call_status', extra),
    started_at: countOf(call.start_timestamp),
    answered_at: null,
    ended_at: countOf(call.end_timestamp),
    duration_seconds: seconds(call.duration_ms),
    end_reason: toOurs(why, toCallEndReason, '/call/disconnection_reason', extra),
    language: null,
    agent_id: textOf(call.agent_id),
    agent_name: textOf(call.agent_name),
    agent_version:
      call.agent_version === null || call.agent_version === undefined ? null : `${call.agent_version}`,
    transferred_to: textOf(call.transfer_destination),
    cost_minor: orNull(call.call_cost?.combined_cost),
    cost_currency: orNull(call.call_cost?.combined_cost) === null ? null : 'USD',
  };
}

/** Why it ended tells more than that it ended: a call that nobody took, or that failed, is over too. */
function statusOf(why: string | null, status: string | null | undefined): string | null {
  const found = why && reasons.find(([pattern]) => pattern.test(why))?.[1];
  return found || (statuses.get(status ?? '') ?? textOf(status));
}

function toTurns(said: RetellCall['transcript_object'], extra: Extra): Turn[] {
  return (said ?? []).flatMap((turn, index) => {
    const speaker = speakerOf(turn.role);
    if (!speaker || typeof turn.content !== 'string') {
      keepFilled(`/call/transcript_object/${index}`, turn, extra);
      return [];
    }
    const [start, end] = [turn.words?.[0]?.start, turn.words?.at(-1)?.end];
    return [{ index, speaker, text: turn.content, start_ms: ms(start), end_ms: ms(end), confidence: null }];
  });
}

function toToolCalls(told: RetellCall['transcript_with_tool_calls']): ToolCall[] | null {
  const results = new Map(
    (told ?? []).filter(({ role }) => role === 'tool_call_result').map((one) => [one.tool_call_id, one]),
  );
  const calls = (told ?? []).flatMap(({ role, tool_call_id: id, name }) =>
    role === 'tool_call_invocation' && name
      ? [
          {
            id: textOf(id),
            name,
            requested_at: null,
            responded_at: null,
            ok: orNull(results.get(id)?.successful),
          },
        ]
      : [],
  );
  return calls.length > 0 ? calls : null;
}

const ms = (value: number | null | undefined) => countOf(typeof value === 'number' ? value * 1_000 : null);
const seconds = (value: number | null | undefined) => (typeof value === 'number' ? value / 1_000 : null);
