import { z } from 'zod';
import { anyObject, type Clock, epochMs, number, requiredId, text } from '../fields/fields.ts';

/** A word's odd time is no reason to lose a call: it is as if it were not told. */
const second = () => number(0, 1e6).catch(null);
const utterance = z.object({
  role: text(100),
  content: z.string().nullish(),
  words: z.array(z.object({ start: second(), end: second() })).nullish(),
});
const toolUtterance = z.object({
  role: text(100),
  tool_call_id: text(200),
  name: text(200),
  successful: z.boolean().nullish(),
});

/**
 * The body of a Retell webhook. An unknown word for a status, a reason or a role is no reason to lose a call.
 *
 * @see https://docs.retellai.com/api-references/get-call
 */
export const retellBody = (clock: Clock) =>
  z.object({
    event: requiredId(),
    call: z.object({
      call_id: requiredId(),
      // A call from a web page has none.
      direction: z.enum(['inbound', 'outbound']).nullish(),
      from_number: text(256),
      to_number: text(256),
      call_status: text(100),
      disconnection_reason: text(100),
      start_timestamp: epochMs(clock),
      end_timestamp: epochMs(clock),
      duration_ms: number(0, 1e10),
      agent_id: text(200),
      agent_name: text(200),
      agent_version: z.union([z.number(), z.string()]).nullish(),
      transfer_destination: text(256),
      call_cost: z.object({ combined_cost: number(0, 1e12) }).nullish(),
      transcript: z.string().nullish(),
      transcript_object: z.array(utterance).max(100_000).nullish(),
      transcript_with_tool_calls: z.array(toolUtterance).max(100_000).nullish(),
      recording_url: text(8_000),
      latency: z.object({ e2e: z.object({ p50: number(0, 1e9), p95: number(0, 1e9) }).nullish() }).nullish(),
      call_analysis: z
        .object({
          call_summary: z.string().nullish(),
          custom_analysis_data: anyObject(),
          in_voicemail: z.boolean().nullish(),
        })
        .nullish(),
      metadata: anyObject(),
    }),
  });

export type RetellCall = z.infer<ReturnType<typeof retellBody>>['call'];
