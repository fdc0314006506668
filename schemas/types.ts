// Made by schemas/generate-types.ts from the .avsc files. Do not edit.

/** One authentic, valid call event of a voice vendor, in our names and units. Key: tenant_id:call_id. */
export interface VoiceCallReceived {
  /** UUIDv5 of tenant, source, kind and vendor event id: the same event posted twice has the same id. */
  event_id: string;
  /** UUID of the clinic. */
  tenant_id: string;
  /** The vendor's name, e.g. zoice. */
  source: string;
  /** The vendor's id of this event. */
  vendor_event_id: string;
  /** call.started call.completed call.failed call.analyzed recording.ready. */
  event_type: string;
  /** The vendor's id of the call. */
  call_id: string;
  /** When it happened, by the vendor's clock. */
  occurred_at: number | null;
  /** When ingest took it. */
  received_at: number;
  /** The call as of this event. */
  call: Call;
  /** The whole transcript so far. */
  transcript: Transcript | null;
  /** The recording's facts. */
  recording: Recording | null;
  /** The vendor's measurements. */
  quality: Quality | null;
  /** What the vendor itself extracted. */
  vendor_extraction: VendorExtraction | null;
  /** Tools the agent used. */
  tool_calls: ToolCall[] | null;
  /** booked rescheduled cancelled answered callback_requested transferred abandoned unresolved. */
  outcome: string | null;
  /** The vendor's summary. PHI. */
  summary: string | null;
  /** JSON object, as sent. PHI. */
  metadata: string | null;
  /** JSON object: JSON Pointer of each field this schema does not know to its value. PHI. */
  extra: string | null;
}

export interface Call {
  /** inbound or outbound. */
  direction: string;
  /** Calling number as the vendor wrote it. PHI. */
  from_number: string | null;
  /** Called number as the vendor wrote it. PHI. */
  to_number: string | null;
  /** ringing in_progress completed no_answer busy failed voicemail. */
  status: string | null;
  /** When it began to ring. */
  started_at: number | null;
  /** When it was answered. */
  answered_at: number | null;
  /** When it ended. */
  ended_at: number | null;
  /** Talk time, seconds. */
  duration_seconds: number | null;
  /** caller_hangup agent_hangup transferred timeout error. */
  end_reason: string | null;
  /** BCP 47 tag. */
  language: string | null;
  /** The voice agent's id at the vendor. */
  agent_id: string | null;
  /** The voice agent's name. */
  agent_name: string | null;
  /** The voice agent's version. */
  agent_version: string | null;
  /** Number or name the call was handed to. PHI. */
  transferred_to: string | null;
  /** Cost in minor units of cost_currency; fractions occur. */
  cost_minor: number | null;
  /** ISO 4217. */
  cost_currency: string | null;
}

export interface Transcript {
  /** BCP 47 tag. */
  language: string | null;
  /** Speech recogniser. */
  engine: string | null;
  /** In spoken order. */
  turns: Turn[];
}

export interface Turn {
  /** Position in the call, from 0. */
  index: number;
  /** agent or caller (the vendor's other words are normalised). */
  speaker: string;
  /** What was said. PHI. */
  text: string;
  /** From the call's start, milliseconds. */
  start_ms: number | null;
  /** From the call's start, milliseconds; often missing. */
  end_ms: number | null;
  /** Transcription confidence, 0 to 1. */
  confidence: number | null;
}

export interface Recording {
  /** Where the vendor keeps the audio; it may hold a token. PHI. */
  url: string;
  /** mp3, wav, … */
  format: string | null;
  /** Seconds. */
  duration_seconds: number | null;
  /** Bytes. */
  size_bytes: number | null;
  /** Hex digest by the vendor. */
  sha256: string | null;
  /** 1 or 2. */
  channels: number | null;
}

export interface Quality {
  /** 0 to 1. */
  audio_score: number | null;
  /** 0 to 1. */
  transcription_confidence: number | null;
  /** The agent's response latency, milliseconds. */
  latency_ms_p50: number | null;
  /** The agent's response latency, milliseconds. */
  latency_ms_p95: number | null;
  /** Count. */
  interruptions: number | null;
  /** Seconds. */
  silence_seconds: number | null;
}

export interface VendorExtraction {
  /** As the vendor names it. */
  intent: string | null;
  /** 0 to 1. */
  confidence: number | null;
  /** JSON object as the vendor sent it. PHI. */
  entities: string | null;
}

export interface ToolCall {
  /** The vendor's id. */
  id: string | null;
  /** Tool name. */
  name: string;
  /** When the agent asked. */
  requested_at: number | null;
  /** When it had the answer. */
  responded_at: number | null;
  /** Whether it succeeded. */
  ok: boolean | null;
}

/** A call event with what enrichment proposes. Key: tenant_id:call_id. */
export interface VoiceCallEnriched {
  /** UUIDv5 of the received event's id and the extractor's version. */
  event_id: string;
  /** Names the rules that made this. */
  extractor_version: string;
  /** The event as received. */
  event: VoiceCallReceived;
  /** The other party's number (from on inbound, to on outbound), E.164; null when withheld or not a number. PHI. */
  contact_phone: string | null;
  /** The clinic's number, E.164. */
  clinic_phone: string | null;
  /** BCP 47 tag of what was spoken. */
  language: string | null;
  /** Extraction from the transcript. */
  analysis: Analysis | null;
  /** The patient's name as best known from this event. PHI. */
  contact_name: string | null;
  /** ISO date, when the caller said it. PHI. */
  contact_date_of_birth: string | null;
  /** Patients this may be, best first: a proposal, the sink decides. */
  candidates: PatientCandidate[];
}

/** What the transcript says; null for an event without one. */
export interface Analysis {
  /** An intent of the catalogue. */
  intent: string | null;
  /** 0 to 1. */
  intent_confidence: number | null;
  /** positive neutral negative, of the caller. */
  sentiment: string | null;
  /** -1 to 1. */
  sentiment_score: number | null;
  /** How many fields the intent needs. */
  required_fields: number;
  /** How many of them were found. */
  filled_fields: number;
  /** With evidence; of one name the last state comes last. */
  entities: Entity[];
  /** Where turns hold PHI that an analyst must not see. */
  redactions: Redaction[];
}

export interface Entity {
  /** date time patient_name phone practitioner specialty date_of_birth reason … */
  name: string;
  /** As said. PHI. */
  value: string;
  /** ISO date, HH:MM, E.164, canonical name. PHI. */
  normalised: string | null;
  /** Index of the turn it was said in. */
  turn: number;
  /** First character in that turn (UTF-16). */
  start: number;
  /** Behind its last character. */
  end: number;
  /** 0 to 1. */
  confidence: number;
}

export interface Redaction {
  /** Index of the turn. */
  turn: number;
  /** First character (UTF-16). */
  start: number;
  /** Behind the last character. */
  end: number;
  /** name phone date_of_birth email address id_number, or not redacted yet: a turn in a script that no rule reads. */
  kind: string;
}

export interface PatientCandidate {
  /** UUID. */
  patient_id: string;
  /** 0 to 1; at 0.5 and more: the same person. */
  score: number;
  /** JSON object: field to its contribution; no values. */
  breakdown: string;
}

/** An event that could not go on, with its original bytes sealed. Key: dead_letter_id. */
export interface DeadLetter {
  /** UUIDv5 of tenant, stage, and event id or body hash: one per event. */
  dead_letter_id: string;
  /** UUID, when known. */
  tenant_id: string | null;
  /** ingest enrich sink. */
  stage: string;
  /** A code of packages/domain's list; never text of the event. */
  reason: string;
  /** Where and what: field paths and codes, never values. */
  detail: string | null;
  /** The vendor's name, or the topic it was read from. */
  source: string;
  /** Topic, without prefix, that a replay puts it back on; null: back through ingest. */
  topic: string | null;
  /** When one was given. */
  event_id: string | null;
  /** The vendor's entity id, when known. */
  call_id: string | null;
  /** Kafka key, when it came from a topic. */
  message_key: string | null;
  /** Registry id of the bytes, when Avro. */
  schema_id: number | null;
  /** Of the sealed bytes. */
  content_type: string;
  /** The original bytes, AES-256-GCM. PHI. */
  sealed: Buffer;
  /** How often it was tried. */
  attempts: number;
  /** First time it failed. */
  first_at: number;
  /** Last time it failed. */
  last_at: number;
}
