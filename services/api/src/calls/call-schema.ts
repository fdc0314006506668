import { z } from 'zod';

const instant = z.string().nullable().describe('RFC 3339.');
const text = z.string().nullable();
const number = z.number().nullable();
const phi = (of: string) => text.describe(`${of}; null for those who may not see it.`);

const patient = z
  .object({ id: z.string(), name: phi('Full name') })
  .nullable()
  .describe('The patient the call was matched to.');
const contact = z.object({ name: phi('As said in the call'), phone: phi('E.164') });
const agent = z.object({ id: text, name: text });
const cost = z.object({ amount: z.number().describe('Minor units.'), currency: text }).nullable();

export const callListItem = z.object({
  id: z.string(),
  external_id: z.string().describe('The vendor’s id.'),
  direction: z.enum(['inbound', 'outbound']),
  status: text,
  started_at: z.string(),
  answered_at: instant,
  ended_at: instant,
  duration_seconds: number,
  end_reason: text,
  language: text,
  agent,
  contact,
  patient,
  conversation_id: text,
  intent: text,
  outcome: text,
  sentiment: text,
  summary: phi('As the vendor summed it up'),
  cost,
  has_recording: z.boolean(),
});

export const callList = z.object({
  calls: z.array(callListItem),
  pagination: z.object({
    limit: z.number(),
    offset: z.number(),
    total: z.number(),
    searched_newest: z
      .number()
      .optional()
      .describe(
        'Set when the words of `q` were said in more calls than this: only the newest were looked at.',
      ),
  }),
});

const span = z
  .object({ turn: z.number(), start: number, end: number })
  .describe('Characters `start` to `end` (UTF-16) of a turn; null where the text is redacted.');

export const callDetail = callListItem.extend({
  source: z.string(),
  from: phi('Number'),
  to: phi('Number'),
  transferred_to: phi('Number'),
  contact: contact.extend({ date_of_birth: phi('ISO date') }),
  agent: agent.extend({ version: text }),
  quality: z.object({
    audio_score: number,
    transcription_confidence: number,
    latency_ms_p50: number,
    latency_ms_p95: number,
    interruptions: number,
    silence_seconds: number,
  }),
  transcript: z.object({
    language: text,
    engine: text,
    redacted: z.boolean().describe('Whether names and numbers were taken out for this reader.'),
    turns: z.array(
      z.object({
        index: z.number(),
        speaker: z.string(),
        text: z.string(),
        start_ms: number,
        end_ms: number,
        confidence: number,
      }),
    ),
  }),
  recording: z
    .object({
      state: z.enum(['pending', 'stored', 'failed', 'expired']),
      failure: text.describe('Why the last attempt to fetch it from the vendor failed.'),
      content_type: text.describe('As it is, once it is stored.'),
      waveform: z.enum(['pending', 'done', 'failed']).nullable().describe('Null: none is made of it.'),
      format: text,
      duration_seconds: number,
      size_bytes: number,
      sha256: text,
      channels: number,
      expires_at: instant,
    })
    .nullable(),
  extraction: z
    .object({
      extractor_version: z.string(),
      intent: text,
      intent_confidence: number,
      sentiment: text,
      sentiment_score: number,
      required_fields: z.number(),
      filled_fields: z.number(),
      analyzed_at: instant,
      entities: z.array(
        z.object({
          name: z.string(),
          value: phi('As said'),
          normalised: phi('ISO date, HH:MM, E.164 or canonical name'),
          confidence: z.number(),
          evidence: span,
        }),
      ),
    })
    .nullable(),
  tool_calls: z.array(
    z.object({
      id: text,
      name: z.string(),
      requested_at: instant,
      responded_at: instant,
      ok: z.boolean().nullable(),
    }),
  ),
  links: z.object({
    patient,
    match: z.object({ decision: z.string(), score: number, automatic: z.boolean() }).nullable(),
    conversation: z.object({ id: z.string(), channel: z.string(), state: z.string() }).nullable(),
    /** What was booked in it, or what it was about. */
    appointment: z.object({ id: z.string(), status: z.string(), start: z.string() }).nullable(),
  }),
  updated_at: z.string(),
});

export type CallListItem = z.infer<typeof callListItem>;
export type CallDetailBody = z.infer<typeof callDetail>;
