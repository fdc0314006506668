import { z } from 'zod';

/** One use of a tool as a vendor's envelope holds it. */
export interface EnvelopedUse {
  /** As our tools are called, whichever way the vendor writes it: `book-appointment`. */
  tool: string;
  body: Record<string, unknown>;
}

export interface Envelope {
  uses: readonly EnvelopedUse[];
  /** The body of the answer, HTTP 200. @param answers of the uses, in their order */
  answer(answers: readonly unknown[]): unknown;
}

const args = z.union([z.record(z.string(), z.unknown()), z.string(), z.null()]).optional();

/** @see https://docs.vapi.ai/server-url/events: `toolCallList`, answered by one line of text for each */
const vapi = z.object({
  message: z.object({
    call: z.object({ id: z.string() }).nullish(),
    toolCallList: z
      .array(
        z.object({
          id: z.string(),
          name: z.string().optional(),
          arguments: args,
          function: z.object({ name: z.string().optional(), arguments: args }).nullish(),
        }),
      )
      .min(1)
      .max(20),
  }),
});

/** @see https://docs.retellai.com/build/single-multi-prompt/custom-function: answered by any JSON */
const retell = z.object({
  name: z.string(),
  call: z.looseObject({ call_id: z.string() }),
  args: z.record(z.string(), z.unknown()),
});

/** The uses of tools that a body of Vapi's or Retell's holds; undefined: it is no such envelope. */
export function readEnvelope(body: unknown): Envelope | undefined {
  const ofVapi = vapi.safeParse(body);
  if (ofVapi.success) {
    const { call, toolCallList: list } = ofVapi.data.message;
    return {
      uses: list.map((one) => ({
        tool: toolName(one.name ?? one.function?.name ?? ''),
        body: {
          ...objectOf(one.arguments ?? one.function?.arguments),
          ...(call && { call_id: call.id }),
          tool_call_id: one.id,
        },
      })),
      answer: (answers) => ({
        results: list.map(({ id }, at) => ({ toolCallId: id, result: JSON.stringify(answers[at]) })),
      }),
    };
  }
  const ofRetell = retell.safeParse(body);
  if (!ofRetell.success) return undefined;
  const { name, call, args: given } = ofRetell.data;
  return {
    uses: [{ tool: toolName(name), body: { ...given, call_id: call.call_id } }],
    answer: ([answer]) => answer,
  };
}

function toolName(word: string): string {
  return word
    .trim()
    .toLowerCase()
    .replaceAll(/[_\s]+/g, '-');
}

function objectOf(given: z.infer<typeof args>): Record<string, unknown> {
  if (typeof given !== 'string') return given ?? {};
  try {
    const parsed: unknown = JSON.parse(given);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}
