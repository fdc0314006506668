import { z } from 'zod';
import { anyObject, type Clock, epochMs, instant, number, requiredId, text } from '../fields/fields.ts';

const spoken = (clock: Clock) =>
  z.object({
    role: text(100),
    message: z.string().nullish(),
    // A message's odd time is no reason to lose a call: it is as if it were not told.
    time: epochMs(clock).catch(null),
    endTime: epochMs(clock).catch(null),
    secondsFromStart: number(0, 1e7).catch(null),
    duration: number(0, 1e10).catch(null),
    toolCalls: z
      .array(z.object({ id: text(200), function: z.object({ name: text(200) }).nullish() }))
      .nullish(),
    toolCallId: text(200),
    name: text(200),
  });

/** The other ways in which Vapi says what `artifact.messages` says. */
const saidAgain = {
  messages: z.unknown().optional(),
  messagesOpenAIFormatted: z.unknown().optional(),
  transcript: z.unknown().optional(),
};

/**
 * A server message of Vapi. An unknown word for a status, a reason or a role is no reason to lose a call.
 *
 * @see https://docs.vapi.ai/server-url/events
 */
export const vapiBody = (clock: Clock) =>
  z.object({
    message: z.object({
      ...saidAgain,
      type: requiredId(),
      timestamp: epochMs(clock),
      status: text(100),
      endedReason: text(200),
      startedAt: instant(clock),
      endedAt: instant(clock),
      durationSeconds: number(0, 1e7),
      cost: number(0, 1e9),
      summary: z.string().nullish(),
      call: z.object({
        id: requiredId(),
        type: text(100),
        status: text(100),
        endedReason: text(200),
        startedAt: instant(clock),
        endedAt: instant(clock),
        cost: number(0, 1e9),
        assistantId: text(200),
        metadata: anyObject(),
      }),
      customer: z.object({ number: text(256) }).nullish(),
      phoneNumber: z.object({ number: text(256) }).nullish(),
      assistant: z.object({ id: text(200), name: text(200) }).nullish(),
      assistantVersion: text(200),
      destination: z.object({ number: text(256) }).nullish(),
      recordingUrl: text(8_000),
      artifact: z
        .object({
          ...saidAgain,
          messages: z.array(spoken(clock)).max(100_000).nullish(),
          presignedMonoUrl: text(8_000),
          recordingUrl: text(8_000),
          recording: z
            .object({ mono: z.object({ combinedUrl: text(8_000) }).nullish(), stereoUrl: text(8_000) })
            .nullish(),
        })
        .nullish(),
      analysis: z.object({ summary: z.string().nullish(), structuredData: anyObject() }).nullish(),
    }),
  });

export type VapiMessage = z.infer<ReturnType<typeof vapiBody>>['message'];

/** What its words for how a call ended mean. */
export const reasons: readonly (readonly [RegExp, string])[] = [
  [/did-not-answer|no-answer/, 'no_answer'],
  [/busy/, 'busy'],
  [/voicemail/, 'voicemail'],
  [/error|fault|failed|not-found|not-valid|invalid|rejected/, 'failed'],
];
