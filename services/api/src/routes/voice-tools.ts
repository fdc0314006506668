import { SwitchboardError } from '@switchboard/platform';
import { isTransient } from '@switchboard/postgres';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { auditedBy } from '../plugins/authenticate.ts';
import { availableSlots } from '../voice-tools/available-slots.ts';
import { bookByVoice } from '../voice-tools/book-appointment.ts';
import { cancelByVoice, rescheduleByVoice } from '../voice-tools/change-appointment.ts';
import { byDeadline } from '../voice-tools/deadline.ts';
import { readEnvelope } from '../voice-tools/envelopes.ts';
import { patientLookup } from '../voice-tools/patient-lookup.ts';
import { runTool, spokenFallback, type ToolRun } from '../voice-tools/run-tool.ts';
import { saidArguments } from '../voice-tools/said-arguments.ts';
import { linesOf } from '../voice-tools/spoken/speak.ts';
import type { ToolContext, ToolResult } from '../voice-tools/tool-context.ts';
import {
  bookBody,
  cancelBody,
  lookupBody,
  rescheduleBody,
  slotsBody,
  toolAnswer,
} from '../voice-tools/tool-schema.ts';
import { traceAlone } from '../voice-tools/trace-use.ts';
import { bodyProblemAnswers } from './problem-schema.ts';
import type { RecordRoutesOptions } from './record-routes.ts';

interface Tool<B extends z.ZodType> {
  name: string;
  summary: string;
  body: B;
  writes?: boolean;
  /** As of {@link ToolRun}; 0 unless told. */
  evenMs?: number;
  work(context: ToolContext, body: z.infer<B>): Promise<ToolResult>;
}

/** Twice as long, and the way there and back, is within the 300 ms that a caller may wait for a booking. */
const evenWritesMs = 140;

/** What a voice agent does for a caller while they speak. A business outcome is always 200, with a line to say. */
export function voiceToolRoutes(instance: FastifyInstance, options: RecordRoutesOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { writePool: pool, allow, pseudonymKey, now } = options;
  const prove = allow('voice_tools');

  /** Whose proof could not be looked up in time. */
  const unproven = new WeakSet<FastifyRequest>();

  async function proveInTime(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const proved = prove(request).then(() => true);
    try {
      const isProven = await byDeadline(begunAt(reply), proved, () => false);
      if (!isProven) unproven.add(request);
    } catch (error) {
      const isAway =
        isTransient(error) || (error instanceof SwitchboardError && error.code.startsWith('postgres_'));
      if (!isAway) throw error;
      unproven.add(request);
    }
  }

  /** Each tool by its name, as vendors' envelopes use it. */
  const byName = new Map<
    string,
    (request: FastifyRequest, body: unknown, begun: number) => Promise<unknown>
  >();

  /** What a vendor sends in its own envelope is answered in it. */
  async function answerEnvelope(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const envelope = readEnvelope(request.body);
    // Who is nobody yet hears only that it takes a moment.
    if (unproven.has(request)) {
      const late = spokenFallback(undefined);
      await reply
        .serializer(JSON.stringify)
        .send(envelope ? envelope.answer(envelope.uses.map(() => late)) : late);
      return;
    }
    if (!envelope) {
      request.body = saidArguments(request.body);
      return;
    }
    // One after the other: an assistant that books and asks in one breath means them in this order.
    const answers: unknown[] = [];
    for (const { tool, body: given } of envelope.uses) {
      const body = saidArguments(given);
      const begun = begunAt(reply);
      const run = byName.get(tool);
      answers.push(
        await (run ? run(request, body, begun) : refuse(request, 'unknown', body, begun, unknownTool(tool))),
      );
    }
    await reply.code(200).serializer(JSON.stringify).send(envelope.answer(answers));
  }

  /** Traces a use that nothing was done in, and says why, in time. */
  async function refuse<T extends { ok: boolean; code: string }>(
    request: FastifyRequest,
    tool: string,
    given: unknown,
    begun: number,
    why: T,
  ): Promise<T> {
    const { ok, code } = why;
    const use = { audit: auditedBy(request), tool, callRef: callIn(given), begun, now: now() };
    return byDeadline(
      begun,
      traceAlone(pool, use, { ok, code }).then(() => why),
      () => why,
    );
  }

  app.post(
    '/api/v1/voice/tools',
    {
      onRequest: proveInTime,
      preValidation: answerEnvelope,
      schema: {
        tags: ['voice tools'],
        summary: 'Any of the tools, in the envelope of Vapi or Retell',
        description: 'For the voice agent’s key, or a key with the scope `voice:tools`.',
        body: z
          .never('must be an envelope of Vapi (message.toolCallList) or Retell (name, call, args)')
          .describe('`toolCallList` of Vapi, or `{name, call, args}` of Retell.'),
        response: { 200: z.unknown(), ...bodyProblemAnswers },
      },
    },
    async () => undefined,
  );

  function add<B extends z.ZodType<ToolRun['body']>>(tool: Tool<B>): void {
    const run = (request: FastifyRequest, body: z.infer<B>, begun: number) =>
      runTool({
        pool,
        pseudonymKey,
        now,
        tool: tool.name,
        writes: tool.writes ?? false,
        evenMs: tool.evenMs ?? 0,
        body,
        audit: auditedBy(request),
        begun,
        work: (context) => tool.work(context, body),
      });
    byName.set(tool.name, async (request, given, begun) => {
      const parsed = tool.body.safeParse(given);
      if (parsed.success) return run(request, parsed.data, begun);
      return refuse(request, tool.name, given, begun, unreadable(parsed.error, given));
    });
    app.post(
      `/api/v1/voice/tools/${tool.name}`,
      {
        onRequest: proveInTime,
        preValidation: answerEnvelope,
        schema: {
          tags: ['voice tools'],
          summary: tool.summary,
          description: 'For the voice agent’s key, or a key with the scope `voice:tools`.',
          body: tool.body,
          response: { 200: toolAnswer, ...bodyProblemAnswers },
        },
      },
      (request, reply) => run(request, tool.body.parse(request.body), begunAt(reply)),
    );
  }

  add({
    name: 'patient-lookup',
    summary: 'Who calls, as far as they have proved it',
    body: lookupBody,
    evenMs: 70,
    work: patientLookup,
  });
  add({
    name: 'available-slots',
    summary: 'Free times, of a practitioner as heard',
    body: slotsBody,
    work: availableSlots,
  });
  add({
    name: 'book-appointment',
    summary: 'Book a slot',
    body: bookBody,
    writes: true,
    evenMs: evenWritesMs,
    work: bookByVoice,
  });
  add({
    name: 'reschedule-appointment',
    summary: 'Move an appointment of a verified caller',
    body: rescheduleBody,
    writes: true,
    evenMs: evenWritesMs,
    work: rescheduleByVoice,
  });
  add({
    name: 'cancel-appointment',
    summary: 'Cancel an appointment of a verified caller',
    body: cancelBody,
    writes: true,
    evenMs: evenWritesMs,
    work: cancelByVoice,
  });
}

/** When the request came, by `performance.now()`. */
function begunAt(reply: FastifyReply): number {
  return performance.now() - reply.elapsedTime;
}

function callIn(given: unknown): string | null {
  const { call_id: id } = z
    .object({ call_id: z.string().max(200).nullable().catch(null) })
    .catch({ call_id: null })
    .parse(given);
  return id;
}

/** For the assistant, which can mend it; in an envelope nothing but 200 is heard. */
function unreadable(error: z.ZodError, given: unknown) {
  const { language } = z
    .object({ language: z.string().optional().catch(undefined) })
    .catch({ language: undefined })
    .parse(given);
  const errors = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  return { ...notUnderstood(language), code: 'INVALID_REQUEST', errors };
}

function unknownTool(name: string) {
  return {
    ...notUnderstood(undefined),
    code: 'UNKNOWN_TOOL',
    errors: [`there is no tool called ${name.slice(0, 60)}`],
  };
}

function notUnderstood(language: string | undefined) {
  return { ok: false, retryable: true, alternatives: [], spoken: linesOf(language).notUnderstood };
}
