import { toCallEndReason, toCallOutcome, toCallStatus } from '@switchboard/domain/call-outcomes';
import type { Call, ToolCall, Turn } from '@switchboard/schemas';
import { isJsonObject } from '../body/parse-json.ts';
import { countOf, instantOf, orNull, textOf } from '../fields/fields.ts';
import { vapiScheme, vapiSecretSchemes } from '../signatures/vapi.ts';
import {
  type Extra,
  idOfBody,
  isOther,
  keepFilled,
  recordingOf,
  speakerOf,
  toJson,
  toOurs,
  wordOf,
} from './mapping.ts';
import { readWith } from './read-with.ts';
import { reasons, type VapiMessage, vapiBody } from './vapi-body.ts';
import type { VendorAdapter, VendorEvent } from './vendor.ts';

const told: ReadonlySet<unknown> = new Set(['status-update', 'end-of-call-report']);
/** Roles of what an assistant does rather than says. */
const silent: ReadonlySet<unknown> = new Set(['system', 'tool_calls', 'tool_call_result']);

/** Vapi: dollars, seconds from the start, and everything of a call in one report at its end. */
export function createVapiAdapter(): VendorAdapter {
  const read = readWith(vapiBody, ({ message }, extra, body) => ({
    ...toEvent(message, extra),
    vendor_event_id: idOfBody(message.call.id, `${message.type} ${message.status ?? ''}`.trim(), body),
  }));
  return {
    name: 'vapi',
    schemes: [vapiScheme, ...vapiSecretSchemes],
    callIdAt: ['message', 'call', 'id'],
    read(body, receivedAt) {
      const type = isJsonObject(body.message) ? body.message.type : undefined;
      return isOther(type, told) ? { ok: true, ignored: true } : read(body, receivedAt);
    },
  };
}

function toEvent(message: VapiMessage, extra: Extra): Omit<VendorEvent, 'vendor_event_id' | 'extra'> {
  const { analysis, artifact } = message;
  const call = toCall(message, extra);
  const over = message.type === 'end-of-call-report' || call.status !== 'ringing';
  const ended = over && call.status !== 'in_progress';
  const turns = toTurns(artifact?.messages, extra);
  const found = analysis?.structuredData;
  // Where there is one that opens without Vapi's key, it is that: it is fetched before it expires.
  const url = [
    artifact?.presignedMonoUrl,
    artifact?.recordingUrl,
    artifact?.recording?.mono?.combinedUrl,
    artifact?.recording?.stereoUrl,
    message.recordingUrl,
  ].find(Boolean);
  return {
    event_type: ended ? (call.status === 'failed' ? 'call.failed' : 'call.completed') : 'call.started',
    call_id: message.call.id,
    occurred_at: countOf(message.timestamp),
    call,
    transcript: turns.length > 0 ? { language: null, engine: null, turns } : null,
    recording: recordingOf(url, call.duration_seconds),
    quality: null,
    vendor_extraction: found
      ? { intent: wordOf(found.intent), confidence: null, entities: toJson(found) }
      : null,
    tool_calls: toToolCalls(artifact?.messages),
    outcome: toOurs(wordOf(found?.outcome), toCallOutcome, '/message/analysis/outcome', extra),
    summary: textOf(analysis?.summary ?? message.summary),
    metadata: toJson(message.call.metadata),
  };
}

function toCall(message: VapiMessage, extra: Extra): Call {
  const { call } = message;
  const inbound = !/^outbound/i.test(call.type ?? '');
  const [theirs, ours] = [textOf(message.customer?.number), textOf(message.phoneNumber?.number)];
  const why = textOf(message.endedReason ?? call.endedReason);
  const dollars = orNull(message.cost ?? call.cost);
  const status = why
    ? (reasons.find(([pattern]) => pattern.test(why))?.[1] ?? 'completed')
    : statusOf(message);
  return {
    direction: inbound ? 'inbound' : 'outbound',
    from_number: inbound ? theirs : ours,
    to_number: inbound ? ours : theirs,
    status: toOurs(status, toCallStatus, '/message/status', extra),
    started_at: instantOf(message.startedAt ?? call.startedAt),
    answered_at: null,
    ended_at: instantOf(message.endedAt ?? call.endedAt),
    duration_seconds: orNull(message.durationSeconds),
    end_reason: toOurs(why, toCallEndReason, '/message/endedReason', extra),
    language: null,
    agent_id: textOf(message.assistant?.id ?? call.assistantId),
    agent_name: textOf(message.assistant?.name),
    agent_version: textOf(message.assistantVersion),
    transferred_to: textOf(message.destination?.number),
    // To the cent's hundredth, as Vapi prices: 0.1 dollars are 10 cents and not 10.000000000000002.
    cost_minor: dollars === null ? null : Math.round(dollars * 1e6) / 1e4,
    cost_currency: dollars === null ? null : 'USD',
  };
}

function statusOf({ type, status, call }: VapiMessage): string | null {
  const word = textOf(status ?? call.status);
  if (type === 'end-of-call-report' || word === 'ended') return 'completed';
  if (word === 'scheduled' || word === 'queued') return 'ringing';
  return word === 'forwarding' ? 'in_progress' : word;
}

type Said = NonNullable<VapiMessage['artifact']>['messages'];

function toTurns(said: Said, extra: Extra): Turn[] {
  return (said ?? []).flatMap((one, index) => {
    if (silent.has(one.role)) return [];
    const speaker = speakerOf(one.role);
    if (!speaker || typeof one.message !== 'string') {
      keepFilled(`/message/artifact/messages/${index}`, one, extra);
      return [];
    }
    const start = countOf(typeof one.secondsFromStart === 'number' ? one.secondsFromStart * 1_000 : null);
    const length = one.duration ?? (one.time && one.endTime ? one.endTime - one.time : null);
    const end = start === null || length === null || length < 0 ? null : Math.round(start + length);
    return [{ index, speaker, text: one.message, start_ms: start, end_ms: end, confidence: null }];
  });
}

function toToolCalls(said: Said): ToolCall[] | null {
  const answers = new Map((said ?? []).map(({ toolCallId, time }) => [toolCallId, time]));
  const calls = (said ?? []).flatMap(({ toolCalls, time }) =>
    (toolCalls ?? []).flatMap(({ id, function: called }) =>
      called?.name
        ? [
            {
              id: textOf(id),
              name: called.name,
              requested_at: countOf(time),
              responded_at: countOf(answers.get(id)),
              ok: null,
            },
          ]
        : [],
    ),
  );
  return calls.length > 0 ? calls : null;
}
