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

/** One authentic, valid event of a messaging vendor: a message, or a new status of one. Key: tenant_id:contact_key. */
export interface MessageReceived {
  /** UUIDv5 of tenant, source, kind, vendor event id and, of a status, the status: the same event posted twice has the same id. */
  event_id: string;
  /** UUID of the clinic. */
  tenant_id: string;
  /** The vendor's name, e.g. twilio. */
  source: string;
  /** The vendor's id of this event, or of the message where events have none. */
  vendor_event_id: string;
  /** message.received message.status message.edited. */
  event_type: string;
  /** The vendor's id of the message. */
  message_id: string;
  /** Keyed HMAC of channel and the other party's address: tells conversations apart without saying it. */
  contact_key: string;
  /** whatsapp sms. */
  channel: string;
  /** inbound or outbound. */
  direction: string;
  /** When it happened, by the vendor's clock; null where the vendor does not say. */
  occurred_at: number | null;
  /** When ingest took it. */
  received_at: number;
  /** Sending number as the vendor wrote it. PHI. */
  from_number: string | null;
  /** Receiving number as the vendor wrote it. PHI. */
  to_number: string | null;
  /** What the other party calls itself. PHI. */
  profile_name: string | null;
  /** Text. PHI. */
  body: string | null;
  /** queued sent delivered read failed undelivered received. */
  status: string | null;
  /** The vendor's code of what failed. */
  error_code: string | null;
  /** What hangs on it. */
  media: MessageMedia[] | null;
  /** The vendor's id of the message it answers. */
  quoted_message_id: string | null;
  /** What was pressed, as shown. PHI. */
  button_text: string | null;
  /** What was pressed, as we named it. PHI. */
  button_payload: string | null;
  /** A place that was shared. */
  location: SharedLocation | null;
  /** The vendor's id of the template it was made from. */
  template: string | null;
  /** How many the vendor counts. */
  segments: number | null;
  /** Cost in minor units of the currency. */
  cost_minor: number | null;
  /** ISO 4217. */
  cost_currency: string | null;
  /** text media location contact reaction edit button unsupported; null: text. */
  kind: string | null;
  /** The vendor's id of the message that a reaction or an edit is about. */
  target_message_id: string | null;
  /** Emoji of the reaction; empty: taken back. PHI. */
  reaction: string | null;
  /** Our id of the message, where what comes back about a send carries it. */
  send_id: string | null;
  /** JSON object: JSON Pointer of each field this schema does not know to its value. PHI. */
  extra: string | null;
}

export interface MessageMedia {
  /** Position in the message, from 0. */
  index: number;
  /** Where the vendor keeps it; it may hold a token. PHI. */
  url: string;
  /** MIME type by the vendor. */
  content_type: string | null;
  /** As the other party named it. PHI. */
  file_name: string | null;
  /** Bytes. */
  size_bytes: number | null;
}

export interface SharedLocation {
  /** Degrees. PHI. */
  latitude: number;
  /** Degrees. PHI. */
  longitude: number;
  /** Name of the place. PHI. */
  label: string | null;
  /** Address of the place. PHI. */
  address: string | null;
}

/** A messaging event with what enrichment proposes. Key: tenant_id:contact_key. */
export interface MessageEnriched {
  /** UUIDv5 of the received event's id and the extractor's version. */
  event_id: string;
  /** Names the rules that made this. */
  extractor_version: string;
  /** The event as received. */
  event: MessageReceived;
  /** The other party's number, E.164; null when it is not a number. PHI. */
  contact_phone: string | null;
  /** The clinic's number, E.164. */
  clinic_phone: string | null;
  /** BCP 47 tag of what was written. */
  language: string | null;
  /** Extraction from the text, which is turn 0. */
  analysis: Analysis | null;
  /** The patient's name as best known from this event. PHI. */
  contact_name: string | null;
  /** ISO date, when the message said it. PHI. */
  contact_date_of_birth: string | null;
  /** Patients this may be, best first: a proposal, the sink decides. */
  candidates: PatientCandidate[];
}

/** One authentic, valid change that the clinic's own system told. A field that is null was not said, unless `cleared` names it. Key: tenant_id:entity_key. */
export interface RecordReceived {
  /** UUIDv5 of tenant, source, kind, origin and vendor event id: the same event posted twice has the same id. */
  event_id: string;
  /** UUID of the clinic. */
  tenant_id: string;
  /** The way it came: events or import. */
  source: string;
  /** The sending system, a CloudEvents source: the winner of a field is kept per source and origin. */
  origin: string;
  /** The sender's id of this event, unique in its origin. */
  vendor_event_id: string;
  /** E.g. appointment.booked, as the contract lists them. */
  event_type: string;
  /** patient appointment journey message practitioner location schedule. */
  kind: string;
  /** The sender's own id of the record: of patients often their number in the clinic. PHI. */
  external_id: string;
  /** Keyed HMAC of kind and external id: tells records apart without saying the id. */
  entity_key: string;
  /** When it happened, by the sender's clock; null only in an import that has no times, and lowest then. */
  occurred_at: number | null;
  /** When it was taken. */
  received_at: number;
  /** Dotted paths below the details of what the sender set to null: known to be empty. */
  cleared: string[];
  /** kind patient: what was said of it. */
  patient: PatientDetails | null;
  /** kind appointment: what was said of it. */
  appointment: AppointmentDetails | null;
  /** kind journey: what was said of it. */
  journey: JourneyDetails | null;
  /** journey.step_*: the step. */
  step: JourneyStepDetails | null;
  /** kind message: what was said of it. */
  message: SentMessageDetails | null;
  /** kind practitioner: what was said of it. */
  practitioner: PractitionerDetails | null;
  /** kind location: what was said of it. */
  location: LocationDetails | null;
  /** kind schedule: what was said of it. */
  schedule: ScheduleDetails | null;
  /** JSON object: JSON Pointer of each field this schema does not know to its value. PHI. */
  extra: string | null;
}

export interface PatientDetails {
  /** The sender's own id of the patient. PHI. */
  external_id: string | null;
  /** Given names. PHI. */
  first_name: string | null;
  /** Family name. PHI. */
  last_name: string | null;
  /** The whole name, where the sender keeps it in one. PHI. */
  full_name: string | null;
  /** ISO date. PHI. */
  date_of_birth: string | null;
  /** female male other unknown. PHI. */
  sex: string | null;
  /** Numbers as the sender wrote them, the best first. PHI. */
  phones: string[] | null;
  /** Mail address. PHI. */
  email: string | null;
  /** Other numbers the patient is known by. */
  identifiers: PatientIdentifier[] | null;
  /** JSON object or text, as sent. PHI. */
  address: string | null;
  /** BCP 47 tag that the patient prefers. */
  language: string | null;
  /** False: no longer a patient. */
  active: boolean | null;
  /** Whether the patient is known to have died. PHI. */
  deceased: boolean | null;
  /** patient.merged: the id of the patient that this one went into. PHI. */
  merged_into: string | null;
}

export interface PatientIdentifier {
  /** What gives such numbers, e.g. mrn. */
  system: string;
  /** The number. PHI. */
  value: string;
}

export interface AppointmentDetails {
  /** Our own id (UUID), where the event answers a change of ours: it is no second appointment then. */
  appointment_id: string | null;
  /** Whose it is: an id alone, or what is known of the patient. */
  patient: PatientDetails | null;
  /** With whom. */
  practitioner: NamedReference | null;
  /** Where. */
  location: NamedReference | null;
  /** Department or specialty. */
  department: string | null;
  /** Kind of visit. */
  appointment_type: NamedReference | null;
  /** When it starts. */
  start: number | null;
  /** When it ends. */
  end: number | null;
  /** How it was made: voice whatsapp web desk import. */
  channel: string | null;
  /** Why the patient comes. PHI. */
  reason: string | null;
  /** Price in minor units of the currency. */
  fee_minor: number | null;
  /** ISO 4217. */
  fee_currency: string | null;
  /** When it was made. */
  booked_at: number | null;
  /** appointment.rescheduled: the start before. */
  moved_from_start: number | null;
  /** appointment.rescheduled: the end before. */
  moved_from_end: number | null;
  /** When somebody confirmed it: the event's own time unless told; of a later status, if it was. */
  confirmed_at: number | null;
  /** When the patient arrived. */
  checked_in_at: number | null;
  /** When the visit was over. */
  completed_at: number | null;
  /** When it was cancelled. */
  cancelled_at: number | null;
  /** patient clinic system. */
  cancelled_by: string | null;
  /** Why it was cancelled. PHI. */
  cancel_reason: string | null;
  /** How late the patient came, minutes; below 0: early. */
  late_minutes: number | null;
  /** The sender's id of the journey it belongs to. */
  journey: string | null;
  /** What staff wrote. PHI. */
  notes: string | null;
}

export interface NamedReference {
  /** The sender's own id. */
  external_id: string | null;
  /** As the sender writes it; of staff, places and kinds, never of patients. */
  name: string | null;
}

export interface JourneyDetails {
  /** Whose it is. */
  patient: PatientDetails | null;
  /** Kind of journey: a code of the plan, e.g. post_surgery. */
  journey_type: string | null;
  /** The plan's name. */
  name: string | null;
  /** Who answers for it. */
  practitioner: NamedReference | null;
  /** Where. */
  location: NamedReference | null;
  /** Department or specialty. */
  department: string | null;
  /** When it began. */
  started_at: number | null;
  /** When it was paused last. */
  paused_at: number | null;
  /** When it went on last. */
  resumed_at: number | null;
  /** When it ended well. */
  completed_at: number | null;
  /** When it was given up. */
  canceled_at: number | null;
  /** Why it was paused or given up. PHI. */
  reason: string | null;
  /** What staff wrote. PHI. */
  notes: string | null;
  /** Where the journey stands, a code of the plan, e.g. recovery. */
  stage: string | null;
}

export interface JourneyStepDetails {
  /** The sender's own id of the step, unique in its journey. */
  external_id: string;
  /** What is to be done. */
  name: string | null;
  /** Kind of step: a code of the plan, e.g. visit call form. */
  step_type: string | null;
  /** Place in the journey, from 0. */
  position: number | null;
  /** When it should be done. */
  due_at: number | null;
  /** When it was done. */
  completed_at: number | null;
  /** The sender's id of the appointment that does it. */
  appointment: string | null;
  /** What came of it. PHI. */
  result: string | null;
  /** The stage of the journey that the step is of, a code of the plan. */
  stage: string | null;
}

export interface SentMessageDetails {
  /** Whom it was sent to, or who sent it. */
  patient: PatientDetails | null;
  /** whatsapp sms email. */
  channel: string | null;
  /** outbound; inbound where the clinic's system received it. */
  direction: string | null;
  /** Number or mail address it was sent from. PHI. */
  from_address: string | null;
  /** Number or mail address it was sent to. PHI. */
  to_address: string | null;
  /** Of a mail. PHI. */
  subject: string | null;
  /** Text. PHI. */
  body: string | null;
  /** queued sent delivered read failed undelivered. */
  status: string | null;
  /** When it was sent. */
  sent_at: number | null;
  /** Name of the template it was made from. */
  template: string | null;
  /** What it was sent for, e.g. reminder. */
  campaign: string | null;
  /** The sender's id of the conversation. PHI. */
  conversation: string | null;
  /** The sender's id of the appointment it is about. */
  appointment: string | null;
  /** The sender's id of the journey it is about. */
  journey: string | null;
  /** Cost in minor units of the currency. */
  cost_minor: number | null;
  /** ISO 4217. */
  cost_currency: string | null;
}

export interface PractitionerDetails {
  /** Full name. */
  name: string | null;
  /** E.g. Dr. */
  title: string | null;
  /** Department or specialty. */
  department: string | null;
  /** Where they work. */
  locations: NamedReference[] | null;
  /** BCP 47 tags. */
  languages: string[] | null;
  /** False: takes no more appointments. */
  active: boolean | null;
}

export interface LocationDetails {
  /** Name. */
  name: string | null;
  /** JSON object or text, as sent. */
  address: string | null;
  /** IANA zone. */
  time_zone: string | null;
  /** The clinic's number there. */
  phone: string | null;
  /** False: closed for good. */
  active: boolean | null;
}

export interface ScheduleDetails {
  /** Whose hours these are. */
  practitioner: NamedReference | null;
  /** Where. */
  location: NamedReference | null;
  /** IANA zone that the wall times are of. */
  time_zone: string | null;
  /** First day, ISO date. */
  valid_from: string | null;
  /** Last day, ISO date; null: until changed. */
  valid_to: string | null;
  /** The whole of the weekly rules. */
  rules: WeeklyRule[] | null;
  /** The whole of the exceptions. */
  exceptions: ScheduleException[] | null;
}

export interface WeeklyRule {
  /** 1 Monday to 7 Sunday. */
  weekday: number;
  /** Local wall time, HH:MM. */
  start: string;
  /** Local wall time, HH:MM, 24:00 for midnight; later than the start. */
  end: string;
  /** How long a slot is, minutes. */
  slot_minutes: number | null;
  /** Kinds of visit it is for; none: all. */
  appointment_types: NamedReference[];
}

export interface ScheduleException {
  /** ISO date, local. */
  date: string;
  /** True: open besides the rules; false: closed in spite of them. */
  available: boolean;
  /** Local wall time, HH:MM; null: the whole day. */
  start: string | null;
  /** Local wall time, HH:MM; null: the whole day. */
  end: string | null;
}

/** One line of a file of records. Key: tenant_id:entity_key. */
export interface RecordImported {
  /** UUID of the import. */
  import_id: string;
  /** Line of the file it begins in, from 1. */
  line: number;
  /** What the line says. */
  record: RecordReceived;
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
  /** Of the replay that failed; null: it came by itself. */
  replay_id: string | null;
}
