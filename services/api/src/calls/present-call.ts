import type { CallDetail, ExtractionRow } from '@switchboard/postgres/api/call-detail';
import type { CallListRow } from '@switchboard/postgres/api/call-list';
import type { CallDetailBody, CallListItem } from './call-schema.ts';
import { createRedactor } from './redact.ts';

/** How a reader sees a call: with or without what identifies the patient. */
export interface Reader {
  seesPhi: boolean;
}

export function presentListItem(row: CallListRow, { seesPhi }: Reader): CallListItem {
  const shown = only(seesPhi);
  return {
    id: row.id,
    external_id: row.external_id,
    direction: row.direction === 'outbound' ? 'outbound' : 'inbound',
    status: row.status,
    started_at: row.began_at.toISOString(),
    answered_at: iso(row.answered_at),
    ended_at: iso(row.ended_at),
    duration_seconds: row.duration_seconds,
    end_reason: row.end_reason,
    language: row.language,
    agent: { id: row.agent_id, name: row.agent_name },
    contact: { name: shown(row.contact_name), phone: shown(row.contact_phone) },
    patient:
      row.patient_id === null
        ? null
        : { id: row.patient_id, name: shown(fullName(row.patient_first_name, row.patient_last_name)) },
    conversation_id: row.conversation_id,
    intent: row.intent,
    outcome: row.outcome,
    sentiment: row.sentiment,
    summary: shown(row.summary),
    cost: row.cost_minor === null ? null : { amount: row.cost_minor, currency: row.cost_currency },
    has_recording: row.has_recording,
  };
}

export function presentDetail(detail: CallDetail, reader: Reader): CallDetailBody {
  const { call, turns, recording, extraction, toolCalls, conversation, match, appointment } = detail;
  const { seesPhi } = reader;
  const shown = only(seesPhi);
  const redactor = createRedactor(detail);
  const { patient, ...item } = presentListItem(
    {
      ...call,
      patient_id: detail.patient?.id ?? null,
      patient_first_name: detail.patient?.first_name ?? null,
      patient_last_name: detail.patient?.last_name ?? null,
      conversation_id: conversation?.id ?? null,
      has_recording: recording?.state === 'pending' || recording?.state === 'stored',
    },
    reader,
  );
  return {
    ...item,
    patient,
    source: call.source,
    from: shown(call.from_number),
    to: shown(call.to_number),
    transferred_to: shown(call.transferred_to),
    contact: { ...item.contact, date_of_birth: shown(call.contact_date_of_birth) },
    agent: { ...item.agent, version: call.agent_version },
    quality: {
      audio_score: call.audio_score,
      transcription_confidence: call.transcription_confidence,
      latency_ms_p50: call.latency_ms_p50,
      latency_ms_p95: call.latency_ms_p95,
      interruptions: call.interruptions,
      silence_seconds: call.silence_seconds,
    },
    transcript: {
      language: call.transcript_language,
      engine: call.transcript_engine,
      redacted: !seesPhi,
      turns: turns.map((turn) => ({
        index: turn.turn_index,
        speaker: turn.speaker,
        text: seesPhi ? turn.text : redactor.turn(turn),
        start_ms: turn.start_ms,
        end_ms: turn.end_ms,
        confidence: turn.confidence,
      })),
    },
    recording,
    extraction: extraction && presentExtraction(extraction, call.analyzed_at, seesPhi),
    tool_calls: toolCalls.map(({ vendor_id, name, requested_at, responded_at, ok }) => ({
      id: vendor_id,
      name,
      requested_at: iso(requested_at),
      responded_at: iso(responded_at),
      ok,
    })),
    links: {
      patient,
      match,
      conversation,
      appointment: appointment && { ...appointment, start: new Date(appointment.start).toISOString() },
    },
    updated_at: call.updated_at.toISOString(),
  };
}

function presentExtraction(
  { entities, redactions: _, ...extraction }: ExtractionRow,
  analyzedAt: Date | null,
  seesPhi: boolean,
): CallDetailBody['extraction'] {
  return {
    ...extraction,
    analyzed_at: iso(analyzedAt),
    entities: entities.map(({ name, value, normalised, turn, start, end, confidence }) => ({
      name,
      value: seesPhi ? value : null,
      normalised: seesPhi ? normalised : null,
      confidence,
      evidence: seesPhi ? { turn, start, end } : { turn, start: null, end: null },
    })),
  };
}

const only =
  (seesPhi: boolean) =>
  (value: string | null): string | null =>
    seesPhi ? value : null;

const iso = (instant: Date | null): string | null => instant?.toISOString() ?? null;

function fullName(first: string | null, last: string | null): string | null {
  const name = [first, last].filter(Boolean).join(' ');
  return name === '' ? null : name;
}
