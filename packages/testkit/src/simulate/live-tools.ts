import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { WebhookBody } from './webhook-body.ts';

export interface ToolsOptions {
  /** Of the API, e.g. `http://127.0.0.1:8090/api/v1/voice/tools`. */
  url: string;
  /** Has the scope `voice:tools`. */
  key: string;
}

export type ToolUse = NonNullable<WebhookBody['tool_calls']>[number];

const slot = z.object({
  slot_id: z.string(),
  start: z.string(),
  practitioner: z.object({ name: z.string() }),
});
const answer = z.looseObject({
  ok: z.boolean(),
  code: z.string(),
  match: z.string().optional(),
  verified: z.boolean().optional(),
  patient: z.looseObject({ id: z.string() }).nullish(),
  slots: z.array(slot).optional(),
  alternatives: z.array(slot).optional(),
  appointment: z.looseObject({ id: z.string(), confirmation_code: z.string().optional() }).optional(),
});

export type ToolAnswer = z.infer<typeof answer>;
export type ToolSlot = z.infer<typeof slot>;

/** The tools of one call, as the voice agent uses them while the caller waits. */
export interface CallTools {
  /** @returns undefined where there was no answer that could be understood */
  use(tool: string, body: Record<string, unknown>): Promise<ToolAnswer | undefined>;
  /** What the call's webhook tells of them, in order. */
  uses(): ToolUse[];
}

const deadlineMs = 6_000;

/** @param says a time as the vendor writes it */
export function createCallTools(
  { url, key }: ToolsOptions,
  callId: string,
  says: (ms: number) => string,
): CallTools {
  const uses: ToolUse[] = [];
  return {
    async use(tool, body) {
      const id = `${callId}_t${uses.length + 1}`;
      const askedAt = Date.now();
      const heard = await post(`${url}/${tool}`, key, { call_id: callId, tool_call_id: id, ...body });
      uses.push({
        id,
        name: tool,
        requested_at: says(askedAt),
        responded_at: says(Date.now()),
        ok: heard?.ok ?? false,
      });
      return heard;
    },
    uses: () => uses,
  };
}

/** A use that got no answer is tried once more: its id makes the second the same use. */
async function post(url: string, key: string, body: unknown): Promise<ToolAnswer | undefined> {
  for (const pauseMs of [0, 500]) {
    await sleep(pauseMs);
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': key },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(deadlineMs),
      });
      if (response.status === 200) return answer.parse(await response.json());
      await response.arrayBuffer();
    } catch {
      // As a voice agent has to: it goes on without.
    }
  }
  return undefined;
}
