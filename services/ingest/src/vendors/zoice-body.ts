import { z } from 'zod';
import { anyObject, type Clock, count, flag, instant, number, requiredId, text } from '../fields/fields.ts';

const day = 86_400;

/**
 * The body of a Zoice webhook. Only `event`, `event_id`, `call.id` and `call.direction` must be there; the rest may be
 * missing or null, but what is there has its type. Unknown fields pass, and so do unknown words for a status, an end
 * reason, an outcome or a speaker: a vendor's new word is no reason to lose a call.
 */
export const zoiceBody = (clock: Clock) =>
  z.object({
    event: z.enum(['call.started', 'call.completed', 'call.failed', 'call.analyzed', 'recording.ready']),
    event_id: requiredId(),
    occurred_at: instant(clock),
    call: z.object({
      id: requiredId(),
      direction: z.enum(['inbound', 'outbound']),
      from: text(256),
      to: text(256),
      status: text(100),
      started_at: instant(clock),
      answered_at: instant(clock),
      ended_at: instant(clock),
      duration_seconds: number(0, 30 * day),
      end_reason: text(100),
      language: text(35),
      agent: z.object({ id: text(200), name: text(200), version: text(200) }).nullish(),
      transferred_to: text(256),
      cost: z.object({ amount: number(0, 1e12), currency: text(3) }).nullish(),
    }),
    transcript: z
      .object({
        language: text(35),
        engine: text(200),
        turns: z
          .array(
            z.object({
              index: count(1e6),
              speaker: text(100),
              text: z.string().nullish(),
              start_ms: count(30 * day * 1000),
              end_ms: count(30 * day * 1000),
              confidence: number(0, 1),
            }),
          )
          .max(100_000)
          .nullish(),
      })
      .nullish(),
    recording: z
      .object({
        url: text(8_000),
        format: text(50),
        duration_seconds: number(0, 30 * day),
        size_bytes: count(1e15),
        sha256: text(64),
        channels: count(64),
      })
      .nullish(),
    quality: z
      .object({
        audio_score: number(0, 1),
        transcription_confidence: number(0, 1),
        latency_ms_p50: number(0, 1e9),
        latency_ms_p95: number(0, 1e9),
        interruptions: count(1e6),
        silence_seconds: number(0, 30 * day),
      })
      .nullish(),
    extraction: z.object({ intent: text(200), confidence: number(0, 1), entities: anyObject() }).nullish(),
    tool_calls: z
      .array(
        z.object({
          id: text(200),
          name: text(200),
          requested_at: instant(clock),
          responded_at: instant(clock),
          ok: flag(),
        }),
      )
      .max(10_000)
      .nullish(),
    outcome: text(100),
    summary: z.string().nullish(),
    metadata: anyObject(),
  });

export type ZoiceBody = z.infer<ReturnType<typeof zoiceBody>>;
